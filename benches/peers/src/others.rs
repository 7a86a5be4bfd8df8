//! OpenSSL and certval: validations of one chain, from DER to the verdict.
//!
//! Trust anchors and options are set up before. certval gets the path in order; OpenSSL builds it.

use std::hint::black_box;

use certval::{
    CertFile, CertVector, CertificationPath, CertificationPathResults, CertificationPathSettings,
    PDVCertificate, PDVTrustAnchorChoice, PkiEnvironment, TaSource, TimeOfInterest,
};
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509PurposeId, X509StoreContext};
use rustls_pki_types::CertificateDer;

use crate::data::{Chain, NOW};
use crate::timing::Subject;

/// The libcrypto of the system.
pub struct OpenSsl {
    chain: Chain,
    store: X509Store,
}

impl OpenSsl {
    pub fn new(chain: &Chain, roots: &[CertificateDer<'_>]) -> Self {
        let mut store = X509StoreBuilder::new().expect("a store");
        for root in roots {
            let root = X509::from_der(root).expect("roots parse");
            store.add_cert(root).expect("a root is taken");
        }
        let mut parameters = X509VerifyParam::new().expect("parameters");
        parameters.set_time(NOW);
        store.set_param(&parameters).expect("parameters are taken");
        store
            .set_purpose(X509PurposeId::SSL_SERVER)
            .expect("a purpose is taken");
        Self {
            chain: chain.clone(),
            store: store.build(),
        }
    }

    /// The number of signatures on the path, or why there is none.
    pub fn verdict(&self) -> Result<usize, String> {
        let parsed = |der: &CertificateDer<'_>| X509::from_der(der).expect("certificates parse");
        let leaf = parsed(self.chain.leaf());
        let mut others = Stack::new().expect("a stack");
        for der in self.chain.intermediates() {
            others.push(parsed(der)).expect("the stack takes it");
        }
        let mut context = X509StoreContext::new().expect("a context");
        let outcome = context.init(&self.store, &leaf, &others, |context| {
            let holds = context.verify_cert()?;
            let length = context.chain().map_or(0, |chain| chain.len());
            Ok((holds, length, context.error()))
        });
        match outcome.expect("it is verified") {
            (true, length, _) => Ok(length - 1),
            (false, _, error) => Err(error.to_string()),
        }
    }
}

impl Subject for OpenSsl {
    fn call(&mut self, _: usize) {
        let _ = black_box(black_box(&*self).verdict());
    }
}

/// certval on RustCrypto, without a cache.
pub struct Certval {
    chain: Chain,
    anchor: PDVTrustAnchorChoice,
    environment: PkiEnvironment,
    settings: CertificationPathSettings,
}

impl Certval {
    pub fn new(chain: &Chain, root: &CertificateDer<'_>) -> Self {
        let mut environment = PkiEnvironment::new();
        environment.populate_5280_pki_environment();
        let mut anchors = TaSource::new();
        anchors.push(CertFile {
            filename: "root".into(),
            bytes: root.to_vec(),
        });
        anchors.initialize().expect("roots parse");
        environment.add_trust_anchor_source(Box::new(anchors));
        let mut settings = CertificationPathSettings::new();
        let now = TimeOfInterest::from_unix_secs(NOW as u64).expect("a time");
        settings.set_time_of_interest(now);
        Self {
            chain: chain.clone(),
            anchor: PDVTrustAnchorChoice::try_from(&root[..]).expect("roots parse"),
            environment,
            settings,
        }
    }

    /// The number of signatures on the path, or why there is none.
    pub fn verdict(&self) -> Result<usize, String> {
        let parsed = |der: &CertificateDer<'_>| PDVCertificate::try_from(&der[..]);
        let leaf = parsed(self.chain.leaf()).expect("certificates parse");
        let above = self.chain.intermediates().iter().rev();
        let above: Vec<_> = above
            .map(|der| parsed(der).expect("certificates parse"))
            .collect();
        let length = 1 + above.len();
        let path = CertificationPath::new(self.anchor.clone(), above, leaf);
        let mut results = CertificationPathResults::new();
        let outcome =
            self.environment
                .validate_path(&self.environment, &self.settings, &path, &mut results);
        match outcome {
            Ok(()) => Ok(length),
            Err(error) => Err(format!("{error:?}")),
        }
    }
}

impl Subject for Certval {
    fn call(&mut self, _: usize) {
        let _ = black_box(black_box(&*self).verdict());
    }
}
