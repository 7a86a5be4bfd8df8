//! Clients of an authority that does not answer, below the root of a server.

use std::fs;
use std::net::TcpListener;

use portcullis_testkit::extensions::distribution_point;
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::common_name;
use portcullis_testkit::pem::pem;
use portcullis_testkit::{Authority, Made, Template};

use super::server::Server;

/// An authority whose lists are to be had where somebody takes connections and says nothing.
pub struct Silent {
    authority: Authority,
    lists: TcpListener,
}

impl Silent {
    pub fn new(server: &Server) -> Self {
        let seed = fs::read_to_string(server.path("seed")).unwrap();
        let root = Template::ca(&format!("{} root", seed.trim())).subject(common_name("Demo Root"));
        let own = format!("http://127.0.0.1:{}/root.crl", server.plain);
        let silent = Template::ca("silent").with(distribution_point(&own));
        Self {
            authority: Authority::self_signed(root).issue_ca(silent),
            lists: TcpListener::bind("127.0.0.1:0").unwrap(),
        }
    }

    /// Writes the chain and the key of a client into the folder of the server.
    pub fn issue(&self, server: &Server, name: &str) {
        let lists = format!("http://{}/{name}.crl", self.lists.local_addr().unwrap());
        let template = Template::client(name).with(distribution_point(&lists));
        let chain = [&self.authority.issue(template), &self.authority.certificate];
        let block = |made: &Made| pem("CERTIFICATE", &made.der);
        let key = Key::p256(name).pkcs8().unwrap();
        fs::write(
            server.path(&format!("{name}.pem")),
            chain.map(block).concat(),
        )
        .unwrap();
        fs::write(
            server.path(&format!("{name}.key")),
            pem("PRIVATE KEY", &key),
        )
        .unwrap();
    }
}
