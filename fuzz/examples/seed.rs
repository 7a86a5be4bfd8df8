//! Fills the corpora with seeds from the test data: `cargo run --example seed`.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::authentication::forwarded::envoy::XfccElement;
use portcullis::authentication::forwarded::{self, Codec, Format};
use portcullis::certificate::ExtensionKind;
use portcullis::revocation::Crl;
use portcullis::revocation::ocsp::{IssuerHashes, OcspResponse};
use portcullis::{Certificate, GeneralName, Name, Presented};
use portcullis_fuzz::{samples, scenario};

fn main() {
    let mut corpora = Corpora::default();
    for der in samples::certificates() {
        corpora.certificate(der);
    }
    for folder in ["chains", "roots"] {
        for (name, pem) in samples::files(folder) {
            // Those that do not parse are seeds too, because the parser gets far into them.
            corpora.add("pem", &format!("{folder}-{name}"), &pem);
            corpora.chain(folder, &name, &pem);
            corpora.headers(folder, &name, &pem);
        }
    }
    for (name, der) in samples::files("der") {
        corpora.add("certificate", &name, &der);
    }
    for (name, der) in samples::files("ocsp") {
        corpora.ocsp(&name, &der);
    }
    for (name, pem) in samples::files("crls") {
        corpora.crl(&name, &pem);
    }
    corpora.crl_recipes();
    corpora.meshes();
    corpora.sessions();
    println!("{} seeds", corpora.written);
}

#[derive(Default)]
struct Corpora {
    written: usize,
}

impl Corpora {
    fn add(&mut self, target: &str, name: &str, bytes: &[u8]) {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("seed-{name}")), bytes).unwrap();
        self.written += 1;
    }

    fn certificate(&mut self, der: &[u8]) {
        let certificate = Certificate::from_der(der).unwrap();
        let number = samples::index_of(der).unwrap().to_string();
        self.add("certificate", &number, der);
        let recipe = scenario::sample(der).unwrap();
        self.add("certificate", &format!("{number}-recipe"), &recipe);
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        self.names(&number, &subject, &issuer);
        for (i, extension) in certificate.extensions().enumerate() {
            if let Some(kind) = ExtensionKind::from_oid(extension.oid.as_bytes()) {
                let value = [&[kind as u8, 0][..], &field(extension.value)].concat();
                self.add("extensions", &format!("{number}-{i}"), &value);
            }
        }
        if let Some(value) = certificate.extension(ExtensionKind::SubjectAltName) {
            let names = portcullis::GeneralNames::from_der(value);
            for name in names.iter().flatten() {
                if let GeneralName::Directory(name) = name {
                    self.names(&format!("{number}-directory"), &name, &subject);
                }
            }
        }
        let fields = [
            certificate.spki_der(),
            certificate.signature_algorithm().as_der(),
            certificate.tbs(),
            certificate.signature(),
        ];
        if certificate.has_identical_names() {
            self.add("signature", &number, &fields.map(field).concat());
        }
    }

    /// A response, and the recipe for the same response with its issuer and without edits.
    fn ocsp(&mut self, name: &str, der: &[u8]) {
        self.add("ocsp", name, der);
        let response = OcspResponse::from_der(der).ok();
        let speaks_of = |issuer: &Vec<u8>| {
            let issuer = Certificate::from_der(issuer).unwrap();
            let (name, key) = (issuer.subject(), issuer.public_key());
            let issuer = IssuerHashes::new(&name, &key);
            let ids = response.iter().flat_map(|response| response.singles());
            let mut ids = ids.map(|single| single.cert_id);
            ids.any(|id| id.matches(id.serial, &issuer))
        };
        let issuer = samples::certificates().iter().position(speaks_of);
        let issuer = u16::try_from(issuer.unwrap_or_default()).unwrap();
        let edits_and_request = [0, 0, 1, 2, 7, 7, 1, 5];
        let recipe = [&issuer.to_be_bytes()[..], &field(der), &edits_and_request].concat();
        self.add("ocsp", &format!("{name}-recipe"), &recipe);
    }

    fn names(&mut self, number: &str, first: &Name<'_>, second: &Name<'_>) {
        let names = [first.as_der(), second.as_der()].map(field).concat();
        self.add("name", number, &names);
    }

    fn crl(&mut self, name: &str, pem: &[u8]) {
        let list = Crl::from_pem(pem).unwrap();
        self.add("crl", name, list.as_der());
        let recipe = [&[0][..], &field(list.as_der()), &[1, 7, 3, 1]].concat();
        self.add("crl", &format!("{name}-recipe"), &recipe);
    }

    /// CRLs with few serial numbers and issuers.
    fn crl_recipes(&mut self) {
        for number in 0..40u8 {
            let entries = (0..number).flat_map(|n| [n.wrapping_mul(37), n % 3, n % 11, n % 5]);
            let recipe: Vec<u8> = [1, 0, number % 4, 1].into_iter().chain(entries).collect();
            self.add("crl", &format!("forged-{number}"), &recipe);
        }
    }

    /// A validation of the chain with its roots, and with options that require little.
    fn chain(&mut self, folder: &str, name: &str, pem: &[u8]) {
        let Ok(chain) = Certificate::from_pem_bundle(pem) else {
            return;
        };
        let recipes = |certificates: &[Certificate], most: usize| -> Vec<[u8; 4]> {
            let samples = certificates.iter().take(most);
            samples
                .filter_map(|certificate| scenario::sample(certificate.as_der()))
                .collect()
        };
        let issues = |root: &Certificate| {
            let mut chain = chain.iter();
            chain.any(|below| below.issuer().matches(&root.subject()))
        };
        let roots = samples::files("roots").into_iter();
        let roots = roots.filter_map(|(_, pem)| Certificate::from_pem(&pem).ok());
        let roots: Vec<Certificate> = roots.filter(issues).collect();
        let roots = recipes(&roots, scenario::MAX_ANCHORS);
        let [leaf, presented @ ..] = &recipes(&chain, 1 + scenario::MAX_PRESENTED)[..] else {
            return;
        };
        if roots.is_empty() {
            return;
        }
        let mut seed = vec![0xff, 0xff];
        seed.extend(scenario::PLAIN);
        seed.push(roots.len() as u8 - 1);
        seed.extend(roots.concat());
        seed.extend(leaf);
        seed.push(presented.len() as u8);
        seed.extend(presented.concat());
        self.add("validation", &format!("{folder}-{name}"), &seed);
    }

    /// The chain in the headers of every proxy, as values in order: that of the leaf, that of the
    /// chain, more of the chain.
    fn headers(&mut self, folder: &str, name: &str, pem: &[u8]) {
        // A few certificates of each size are enough, because only the formats differ.
        let Ok(presented) = Presented::from_pem(pem) else {
            return;
        };
        if !name.starts_with("good") || presented.certificates().len() > 3 {
            return;
        }
        let mut add = |format: &str, options: u8, values: Vec<(String, String)>| {
            let values = values.iter().take(3);
            let fields: Vec<u8> = values
                .flat_map(|(_, value)| field(value.as_bytes()))
                .collect();
            let seed = [&[options], &fields[..]].concat();
            self.add("forwarded", &format!("{format}-{folder}-{name}"), &seed);
        };
        fn written<F: Format>(codec: Codec<F>, presented: &Presented) -> Vec<(String, String)> {
            codec.encode(presented)
        }
        add("rfc9440", 0, written(forwarded::rfc9440(), &presented));
        add("nginx", 0, written(forwarded::nginx(), &presented));
        add(
            "envoy",
            0,
            written(forwarded::envoy(XfccElement::Only), &presented),
        );
        add(
            "aws",
            0,
            written(forwarded::aws_alb_passthrough(), &presented),
        );
        add("traefik", 1, written(forwarded::traefik(), &presented));
        add("haproxy", 0, written(forwarded::haproxy(), &presented));
        add(
            "haproxy-hex",
            2,
            written(forwarded::haproxy().in_hex(true), &presented),
        );
        add("apache", 0, written(forwarded::apache(), &presented));
        add("google", 0, written(forwarded::google_cloud(), &presented));
        add("aspnet", 0, written(forwarded::aspnet(), &presented));
        add("hex", 0, written(forwarded::hex(), &presented));
        let element = written(forwarded::envoy(XfccElement::Only), &presented)
            .remove(0)
            .1;
        let appended = format!(
            "{element},By=spiffe://mesh/app;Hash=00;Subject=\"CN=a\\\", b\";URI=spiffe://mesh/edge"
        );
        add("envoy-two", 0, vec![(String::new(), appended)]);
    }

    /// Validations that ask for evidence, with one round of answers: from the test data, or forged.
    fn sessions(&mut self) {
        let lists = samples::files("crls")
            .into_iter()
            .filter_map(|(name, pem)| {
                let list = portcullis::revocation::Crl::from_pem(&pem).ok()?;
                Some((name, list.as_der().to_vec()))
            });
        for (name, der) in lists.chain(samples::files("ocsp")) {
            // One answer to the first request, with these octets.
            let seed = [&[0, 0, 0, 1, 0, 0, 2][..], &field(&der)].concat();
            self.add("session", &name, &seed);
        }
        for choices in 0..8u8 {
            for place in 0..12u8 {
                let (flag, order) = (place % 3, place / 3);
                let good = |request: u8, issuer: u8| [request, 0, 0, issuer, 0, 0];
                let revoking = |request: u8, issuer: u8| [request, 0, 0, issuer, 0, 1, 4, 15];
                let told = |request: u8, party: u8| [request, 0, 1, 1, 0, 1, party, 0];
                let mut seed = vec![choices, flag, order, 5];
                seed.extend(good(0, 1));
                seed.extend(good(1, 0));
                seed.extend(good(0, 2));
                seed.extend(told(0, 4));
                seed.extend(revoking(0, 1));
                self.add("session", &format!("forged-{choices}-{place}"), &seed);
            }
        }
    }

    /// Validations of forged certificates with few names.
    fn meshes(&mut self) {
        let mut state = 1u32;
        let mut next = |bound: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % bound
        };
        for number in 0..300 {
            let mut seed = vec![next(256) as u8, next(256) as u8];
            seed.extend(scenario::PLAIN);
            let anchors = next(2);
            let presented = next(1 + scenario::MAX_PRESENTED as u32);
            seed.push(anchors as u8);
            for place in 0..anchors + 2 + presented {
                if place == anchors + 2 {
                    seed.push(presented as u8);
                }
                // One octet makes one in four unusual. Some unusual certificates read further
                // octets.
                let odd = if next(4) == 0 { 1 << next(8) } else { 0 };
                let (subject, issuer) = (next(6) as u8, next(6) as u8);
                seed.extend([0, subject, issuer, odd]);
                if odd != 0 {
                    seed.push(next(256) as u8);
                }
            }
            self.add("validation", &format!("mesh-{number}"), &seed);
        }
    }
}

/// Two octets of length, then the octets.
fn field(octets: &[u8]) -> Vec<u8> {
    let length = u16::try_from(octets.len()).unwrap();
    [&length.to_be_bytes(), octets].concat()
}
