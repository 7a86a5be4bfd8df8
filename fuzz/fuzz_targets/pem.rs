//! PEM bundles of certificates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::{Certificate, InputError, Presented, TrustStore, TrustStoreError};

fuzz_target!(|text: &[u8]| {
    let bundle = Certificate::from_pem_bundle(text);
    let presented = Presented::from_pem(text);
    let store = TrustStore::from_pem(text);
    match &bundle {
        Ok(bundle) => {
            assert!(!bundle.is_empty());
            assert_eq!(Certificate::from_pem(text).as_ref(), Ok(&bundle[0]));
            let presented = presented.expect("a bundle is what a peer presents");
            assert_eq!(presented.leaf(), &bundle[0]);
            assert_eq!(presented.certificates(), &bundle[1..]);
            let roots = bundle.iter().filter(|c| TrustStore::is_root(c)).count();
            match store {
                Ok(store) => {
                    assert_eq!(store.anchors().len(), roots);
                    assert_eq!(store.candidates().len(), bundle.len() - roots);
                }
                Err(error) => {
                    let certificates = bundle.len();
                    assert_eq!(error, TrustStoreError::NoRoot { certificates });
                    assert_eq!(roots, 0);
                }
            }

            let written: String = bundle.iter().map(Certificate::to_pem).collect();
            let read = Certificate::from_pem_bundle(written.as_bytes());
            assert_eq!(read.as_ref(), Ok(bundle));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            // `Presented` skips certificates after the leaf that do not parse.
            match presented {
                Ok(presented) => assert!(!presented.unreadable().is_empty()),
                Err(other) => assert_eq!(other, *error),
            }
            assert_eq!(store.err(), Some(TrustStoreError::Input(*error)));
            if *error == InputError::Empty {
                // A block after text without one is found.
                let known = include_str!("../../testdata/chains/good-d1.pem");
                let together = [text, b"\n", known.as_bytes()].concat();
                let found = Certificate::from_pem_bundle(&together).map(|bundle| bundle.len());
                assert_eq!(found, Ok(1));
            }
        }
    }
});
