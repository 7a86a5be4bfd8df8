//! A small authority to try the server with: its certificates in a folder, its lists of revoked
//! ones on request.
//!
//! Every key follows from the file `seed`, which is random, so that the folder can be used again
//! and its lists can be signed when somebody asks for them. Whoever reads the folder is the
//! authority: for trying out only. To revoke somebody, write the name on a line of `revoked.txt`.

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use portcullis::Time;
use portcullis_testkit::certificate::{Authority, Made, Template};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate, KEY_COMPROMISE};
use portcullis_testkit::extensions::{
    CLIENT_AUTH, SERVER_AUTH, alt_names, distribution_point, extended_key_usage,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{common_name, dns, email, upn, uri};
use portcullis_testkit::pem::pem;

use super::fresh::{self, moment};
use super::private;

/// How long a list counts.
pub const LIST_SECONDS: i64 = 60;

/// Whose certificate the server itself has.
const SERVER: &str = "server";

/// The folder, and the authorities that follow from its seed.
pub struct Pki {
    pub folder: PathBuf,
    seed: String,
    root: Authority,
    ca: Authority,
}

impl Pki {
    /// Opens the folder, or makes it; one without a seed is none of ours. Certificates say that
    /// lists are to be had at `lists`, which must stay so.
    pub fn open(folder: &Path, lists: &str, hosts: &[&str]) -> Result<Self, Box<dyn Error>> {
        let known = fs::read_to_string(folder.join("seed"));
        if let Ok(seed) = known {
            let stands_at = fs::read_to_string(folder.join("lists.txt"))?;
            if stands_at.trim() != lists {
                let error = format!(
                    "the certificates in {} name lists at {}, and this server would have them at {lists}: \
                     start it with that address, or remove the folder",
                    folder.display(),
                    stands_at.trim()
                );
                return Err(error.into());
            }
            return Ok(Self::of_seed(folder, seed.trim(), lists));
        }
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        // One that somebody else made may be somebody else's to read.
        private::create_folder(folder).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => format!(
                "--pki {}: it exists and has no file `seed`, so mtls_server did not make it; name one that is not there yet",
                folder.display()
            ),
            _ => format!("{}: {error}", folder.display()),
        })?;
        let pki = Self::of_seed(folder, &fresh::label()?, lists);
        pki.write_all(lists, hosts)?;
        pki.write("lists.txt", lists)?;
        pki.write("revoked.txt", "")?;
        // Last, so that a folder with a seed is whole.
        pki.write("seed", &pki.seed)?;
        Ok(pki)
    }

    fn of_seed(folder: &Path, seed: &str, lists: &str) -> Self {
        let label = |name: &str| format!("{seed} {name}");
        let root = Template::ca(&label("root")).subject(common_name("Demo Root"));
        let root = Authority::self_signed(root);
        let ca = Template::ca(&label("ca"))
            .subject(common_name("Demo CA"))
            .with(distribution_point(&format!("{lists}root.crl")));
        Self {
            folder: folder.into(),
            seed: seed.into(),
            ca: root.issue_ca(ca),
            root,
        }
    }

    fn label(&self, name: &str) -> String {
        format!("{} {name}", self.seed)
    }

    fn write_all(&self, lists: &str, hosts: &[&str]) -> Result<(), Box<dyn Error>> {
        self.write("root.pem", &block(&self.root.certificate))?;
        self.write("ca.pem", &block(&self.ca.certificate))?;
        let names: Vec<Vec<u8>> = hosts.iter().map(|host| dns(host)).collect();
        let server = self.template(SERVER, lists).with(alt_names(&names));
        let of_servers = extended_key_usage(&[SERVER_AUTH]);
        self.issue(SERVER, server.with(of_servers.clone()))?;
        for name in ["alice", "bob"] {
            self.issue(name, self.template(name, lists))?;
        }
        let expired = self.template("expired", lists);
        let expired = expired.valid("20240101000000Z", "20250101000000Z");
        self.issue("expired", expired)?;
        let wrong = self.template("wrong-eku", lists).with(of_servers);
        self.issue("wrong-eku", wrong)?;
        for name in ["pinned", "self-signed"] {
            let own = Authority::self_signed(self.template(name, lists));
            self.write_pair(name, &block(&own.certificate))?;
        }
        Ok(())
    }

    fn template(&self, name: &str, lists: &str) -> Template {
        Template::client(&self.label(name))
            .subject(common_name(name))
            .with(extended_key_usage(&[CLIENT_AUTH]))
            .with(distribution_point(&format!("{lists}ca.crl")))
            .with(alt_names(&[
                email(&format!("{name}@example.test")),
                upn(&format!("{name}@corp.example.test")),
                uri(&format!("spiffe://example.test/{name}")),
            ]))
    }

    fn issue(&self, name: &str, template: Template) -> Result<(), Box<dyn Error>> {
        let chain = [&self.ca.issue(template), &self.ca.certificate].map(block);
        self.write_pair(name, &chain.concat())
    }

    /// The key of a label is that of the template of that label.
    fn write_pair(&self, name: &str, chain: &str) -> Result<(), Box<dyn Error>> {
        let key = Key::p256(&self.label(name)).pkcs8();
        let key = key.ok_or("the key is on P-256")?;
        self.write(&format!("{name}.pem"), chain)?;
        self.write(&format!("{name}.key"), &pem("PRIVATE KEY", &key))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
        let mut file = private::create_file(&self.folder.join(name))?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        Ok(())
    }

    /// What a file of the folder says.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let path = self.folder.join(name);
        fs::read(&path).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// The list at this path, signed now; `None` where there is none.
    pub fn list(&self, path: &str, now: Time) -> Option<Vec<u8>> {
        let (issuer, revoked) = match path {
            "/root.crl" => (&self.root, Vec::new()),
            "/ca.crl" => (&self.ca, self.revoked()),
            _ => return None,
        };
        // Newer ones have greater numbers.
        let crl = CrlTemplate::by(issuer)
            .number(u32::try_from(now.unix()).ok()?)
            .issued(&moment(now), Some(&moment(now.plus(LIST_SECONDS))));
        let entries = revoked.iter().map(|label| CrlEntry::labelled(label));
        let crl = entries.fold(crl, |crl, entry| crl.entry(entry.reason(KEY_COMPROMISE)));
        Some(crl.der())
    }

    fn revoked(&self) -> Vec<String> {
        let names = fs::read_to_string(self.folder.join("revoked.txt")).unwrap_or_default();
        let names = names.lines().map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| self.label(name)).collect()
    }
}

fn block(made: &Made) -> String {
    pem("CERTIFICATE", &made.der)
}
