//! The cases, one file for each theme, and the PKI that most of them share.

mod algorithms;
mod authorities;
mod bench;
mod constraints;
mod extensions;
mod leaves;
mod malformed;
mod ocsp;
mod policies;
mod revocation;
mod search;
mod self_signed;
mod signatures;
mod subjects;
mod validity;

use portcullis_testkit::crl::{CrlEntry, KEY_COMPROMISE};
use portcullis_testkit::{Authority, CrlTemplate, Made, Template};

use crate::corpus::{Case, Corpus};

/// The organization in subjects that have one.
pub const OUR_ORGANIZATION: &str = "Portcullis testdata";

/// One root, one intermediate, and clients below it. Invalid cases change one thing in this PKI.
pub struct World {
    pub root: Authority,
    pub intermediate: Authority,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("root");
        let intermediate = root.issue_ca(Template::ca("intermediate"));
        Self { root, intermediate }
    }

    /// A client below the intermediate.
    pub fn client(&self, id: &str, title: &str, template: Template) -> Case {
        let leaf = self.intermediate.issue(template);
        self.presented(id, title, &leaf)
    }

    /// A client directly below the root, for cases about the leaf only.
    pub fn direct(&self, id: &str, title: &str, template: Template) -> Case {
        let leaf = self.root.issue(template);
        Case::new(id, title, &leaf).under(&[&self.root.certificate])
    }

    /// A case that presents this leaf with the intermediate, and trusts the root.
    pub fn presented(&self, id: &str, title: &str, leaf: &Made) -> Case {
        let case = Case::new(id, title, leaf);
        case.via(&[&self.intermediate.certificate])
            .under(&[&self.root.certificate])
    }

    /// An ordinary client below an intermediate of this template.
    pub fn below(&self, id: &str, title: &str, intermediate: Template) -> Case {
        self.below_with(id, title, intermediate, leaf(id))
    }

    /// This client below an intermediate of this template.
    pub fn below_with(&self, id: &str, title: &str, ca: Template, client: Template) -> Case {
        let ca = self.root.issue_ca(ca);
        let leaf = ca.issue(client);
        Case::new(id, title, &leaf)
            .via(&[&ca.certificate])
            .under(&[&self.root.certificate])
    }

    /// An ordinary client below a root of this template.
    pub fn rooted(&self, id: &str, title: &str, root: Template) -> Case {
        self.rooted_with(id, title, root, leaf(id))
    }

    /// This client below a root of this template.
    pub fn rooted_with(&self, id: &str, title: &str, root: Template, client: Template) -> Case {
        let root = Authority::self_signed(root);
        let leaf = root.issue(client);
        Case::new(id, title, &leaf).under(&[&root.certificate])
    }
}

/// A CRL of this authority that revokes these for keyCompromise.
pub fn crl(issuer: &Authority, revoked: &[&Made]) -> CrlTemplate {
    let entries = revoked.iter().copied().map(CrlEntry::of);
    entries.fold(CrlTemplate::by(issuer), |crl, entry| {
        crl.entry(entry.reason(KEY_COMPROMISE))
    })
}

/// The ordinary client of a case.
pub fn leaf(id: &str) -> Template {
    Template::client(&format!("{id}/leaf"))
}

/// The ordinary intermediate of a case.
pub fn intermediate(id: &str) -> Template {
    Template::ca(&format!("{id}/intermediate"))
}

/// The ordinary root of a case.
pub fn root(id: &str) -> Template {
    Template::ca(&format!("{id}-root"))
}

pub fn all(corpus: &mut Corpus) {
    let world = World::new();
    corpus.der_twin("root", &world.root.certificate);
    corpus.der_twin("intermediate", &world.intermediate.certificate);
    algorithms::add(corpus, &world);
    leaves::add(corpus, &world);
    subjects::add(corpus, &world);
    validity::add(corpus, &world);
    authorities::add(corpus, &world);
    extensions::add(corpus, &world);
    constraints::add(corpus, &world);
    policies::add(corpus, &world);
    signatures::add(corpus, &world);
    malformed::add(corpus, &world);
    search::add(corpus, &world);
    self_signed::add(corpus, &world);
    revocation::add(corpus, &world);
    bench::add(corpus);
    ocsp::add(corpus, &world);
}
