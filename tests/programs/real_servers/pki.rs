//! CAs made with the command `openssl` when the tests run, because certificates contain the ports
//! of the servers.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use portcullis::{Presented, TrustStore};
use portcullis_testkit::web::{Page, WebServer};

/// A root, an authority below it that issues leaves, and a stranger. The authority's own status is
/// in a list of the root's that can always be fetched.
pub struct Pki {
    folder: PathBuf,
    _web: WebServer,
}

/// What an issuer's database says of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Good,
    Revoked,
    /// It does not know it.
    Absent,
}

/// The serial number of a leaf that is to be issued.
#[derive(Clone, Copy)]
pub struct Serial(u32);

impl Serial {
    pub fn next() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0x1000);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The authorities; `None`, and a word about it, where there is no `openssl`.
pub fn pki() -> Option<&'static Pki> {
    static PKI: OnceLock<Option<Pki>> = OnceLock::new();
    let pki = PKI.get_or_init(|| {
        if Command::new("openssl").arg("version").output().is_ok() {
            return Some(Pki::new());
        }
        // Past the harness, which shows nothing that passing tests print.
        let _ = std::io::stderr().write_all(b"SKIPPED: there is no openssl to test against\n");
        None
    });
    pki.as_ref()
}

impl Pki {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-servers");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let web = WebServer::start();
        let pki = Self { folder, _web: web };
        for name in ["root", "ca", "leaf", "delegated", "stranger"] {
            pki.openssl(&format!(
                "ecparam -name prime256v1 -genkey -noout -out {name}.key"
            ));
        }
        let ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature";
        pki.certify("root", "root", 1, ca);
        pki.certify("stranger", "stranger", 1, ca);
        let list = pki._web.url("/root.crl");
        let ca = format!("{ca}\ncrlDistributionPoints=URI:{list}");
        pki.certify("ca", "root", 2, &ca);
        let responder =
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored";
        pki.certify("delegated", "ca", 2, responder);
        let list = pki.list("root", Serial(2), Standing::Good, "-crldays 30");
        pki._web.put("/root.crl", Page::Body(list));
        pki
    }

    /// Issues `name`.pem, signed by `issuer`.
    fn certify(&self, name: &str, issuer: &str, serial: u32, extensions: &str) {
        let file = format!("{name}-{serial}");
        self.write(&format!("{file}.ext"), extensions);
        self.openssl(&format!(
            "req -new -key {name}.key -subj /CN={name} -out {file}.csr"
        ));
        let signer = if name == issuer {
            format!("-signkey {name}.key")
        } else {
            format!("-CA {issuer}.pem -CAkey {issuer}.key")
        };
        let out = match name {
            "leaf" => file.clone(),
            name => name.to_owned(),
        };
        self.openssl(&format!(
            "x509 -req -in {file}.csr {signer} -set_serial {serial} -days 365 -sha256 \
             -extfile {file}.ext -out {out}.pem"
        ));
    }

    /// Issues a leaf: lists are alternatives to each other, as responders are.
    pub fn leaf(&self, serial: Serial, lists: &[&str], responders: &[&str]) -> Presented {
        Presented::from_pem(&self.chain(serial, lists, responders)).unwrap()
    }

    /// As [`Pki::leaf`], in PEM.
    pub fn chain(&self, serial: Serial, lists: &[&str], responders: &[&str]) -> Vec<u8> {
        let urls = |urls: &[&str], prefix: &str| {
            let urls: Vec<_> = urls.iter().map(|url| format!("{prefix}{url}")).collect();
            urls.join(",")
        };
        let mut extensions = String::from("keyUsage=critical,digitalSignature\n");
        if !responders.is_empty() {
            let responders = urls(responders, "OCSP;URI:");
            extensions += &format!("authorityInfoAccess={responders}\n");
        }
        if !lists.is_empty() {
            let lists = urls(lists, "URI:");
            extensions += &format!("crlDistributionPoints=one\n[one]\nfullname={lists}\n");
        }
        self.certify("leaf", "ca", serial.0, &extensions);
        let mut chain = self.read(&format!("leaf-{}.pem", serial.0));
        chain.extend(self.read("ca.pem"));
        chain
    }

    /// A list of the authority's.
    pub fn list_of_ca(&self, serial: Serial, standing: Standing) -> Vec<u8> {
        self.list("ca", serial, standing, "-crldays 30")
    }

    /// A list of the authority's that has run out.
    pub fn stale_list(&self, serial: Serial) -> Vec<u8> {
        let dates = "-crl_lastupdate 20240101000000Z -crl_nextupdate 20240201000000Z";
        self.list("ca", serial, Standing::Good, dates)
    }

    fn list(&self, issuer: &str, serial: Serial, standing: Standing, dates: &str) -> Vec<u8> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let file = format!("list-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let index = self.index(&file, serial, standing);
        let number = self.folder.join(format!("{file}.number"));
        fs::write(&number, "01\n").unwrap();
        let (index, number) = (index.display(), number.display());
        let settings =
            format!("[ca]\ndefault_ca=this\n[this]\ndatabase={index}\ncrlnumber={number}\n");
        self.write(
            &format!("{file}.cnf"),
            &format!("{settings}crl_extensions=crl\n[crl]\nauthorityKeyIdentifier=keyid\n"),
        );
        self.openssl(&format!(
            "ca -gencrl -config {file}.cnf -cert {issuer}.pem -keyfile {issuer}.key -md sha256 {dates} \
             -out {file}.pem"
        ));
        self.openssl(&format!("crl -in {file}.pem -outform DER -out {file}.der"));
        self.read(&format!("{file}.der"))
    }

    /// Writes the database of an issuer, as `openssl ca` has it, with one leaf in it.
    pub fn index(&self, file: &str, serial: Serial, standing: Standing) -> PathBuf {
        let serial = format!("{:04X}", serial.0);
        let entry = match standing {
            Standing::Good => format!("V\t360101000000Z\t\t{serial}\tunknown\t/CN=leaf\n"),
            Standing::Revoked => format!(
                "R\t360101000000Z\t250601000000Z,keyCompromise\t{serial}\tunknown\t/CN=leaf\n"
            ),
            Standing::Absent => String::new(),
        };
        self.write(&format!("{file}.index"), &entry);
        self.path(&format!("{file}.index"))
    }

    pub fn roots(&self) -> TrustStore {
        TrustStore::from_pem(&self.read("root.pem")).unwrap()
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    /// Runs `openssl` in the folder; arguments have no spaces.
    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            // What the machine is set to must not decide.
            .env_remove("OPENSSL_CONF")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {errors}");
    }
}
