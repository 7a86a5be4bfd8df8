//! The signatures of project Wycheproof through the providers: by a key that is used once, and by
//! one that is kept, before and after its table was made.

use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::crypto::Provider;
use portcullis::{Native, RustCrypto};
use portcullis_testkit::parts::{algorithm, pss_parameters, spki};
use wycheproof::{HashFunction, Mgf, TestResult, ecdsa, rsa_pkcs1_verify, rsa_pss_verify};

const NULL: &[u8] = &[5, 0];

/// What is counted: cases whose signature must hold, and others.
#[derive(Debug, Default)]
struct Counts {
    valid: usize,
    invalid: usize,
}

impl Counts {
    /// Tries one signature with both providers.
    fn try_one(
        &mut self,
        key: &[u8],
        algorithm: &[u8],
        (message, signature): (&[u8], &[u8]),
        result: TestResult,
        name: &str,
    ) {
        let key = SubjectPublicKeyInfo::from_der(key).expect("it parses");
        let algorithm = AlgorithmIdentifier::from_der(algorithm).expect("it parses");
        let verify = |provider: &dyn Provider, times| {
            let key = provider.prepare(&key, None).expect("the key is sound");
            key.keep();
            let verified = (0..times).map(|_| key.verify(&algorithm, message, signature));
            let verified: Vec<_> = verified.collect();
            assert!(verified.iter().all(|one| *one == verified[0]), "{name}");
            verified[0]
        };
        let verdict = verify(&Native, 3);
        assert_eq!(verify(&RustCrypto, 1), verdict, "{name}");
        match result {
            TestResult::Valid => assert_eq!(verdict, Ok(()), "{name}"),
            TestResult::Invalid => assert!(verdict.is_err(), "{name}"),
            TestResult::Acceptable => {}
        }
        match verdict {
            Ok(()) => self.valid += 1,
            Err(_) => self.invalid += 1,
        }
    }
}

fn hash_identifier(hash: HashFunction) -> Option<&'static str> {
    match hash {
        HashFunction::Sha1 => Some("1.3.14.3.2.26"),
        HashFunction::Sha2_256 => Some("2.16.840.1.101.3.4.2.1"),
        HashFunction::Sha2_384 => Some("2.16.840.1.101.3.4.2.2"),
        HashFunction::Sha2_512 => Some("2.16.840.1.101.3.4.2.3"),
        _ => None,
    }
}

#[test]
fn ecdsa_signatures() {
    let mut counts = Counts::default();
    for name in ecdsa::TestName::all() {
        let set = ecdsa::TestSet::load(name).expect("it loads");
        for group in set.test_groups {
            let scheme = match group.hash {
                HashFunction::Sha1 => "1.2.840.10045.4.1",
                HashFunction::Sha2_256 => "1.2.840.10045.4.3.2",
                HashFunction::Sha2_384 => "1.2.840.10045.4.3.3",
                HashFunction::Sha2_512 => "1.2.840.10045.4.3.4",
                _ => continue,
            };
            let is_known = SubjectPublicKeyInfo::from_der(&group.der)
                .is_ok_and(|key| RustCrypto.prepare(&key, None).is_ok());
            if group.test_type != ecdsa::TestGroupTypeId::Ecdsa || !is_known {
                continue;
            }
            for test in &group.tests {
                let signed = (&test.msg[..], &test.sig[..]);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                counts.try_one(
                    &group.der,
                    &algorithm(scheme, None),
                    signed,
                    test.result,
                    &what,
                );
            }
        }
    }
    assert!(counts.valid > 1_000 && counts.invalid > 1_000, "{counts:?}");
}

#[test]
fn rsa_pkcs1_signatures() {
    let mut counts = Counts::default();
    for name in rsa_pkcs1_verify::TestName::all() {
        let set = rsa_pkcs1_verify::TestSet::load(name).expect("it loads");
        for group in set.test_groups {
            let scheme = match group.hash {
                HashFunction::Sha2_256 => "1.2.840.113549.1.1.11",
                HashFunction::Sha2_384 => "1.2.840.113549.1.1.12",
                HashFunction::Sha2_512 => "1.2.840.113549.1.1.13",
                _ => continue,
            };
            for test in &group.tests {
                let signed = (&test.msg[..], &test.sig[..]);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let identifier = algorithm(scheme, Some(NULL));
                counts.try_one(&group.der, &identifier, signed, test.result, &what);
            }
        }
    }
    assert!(counts.valid > 50 && counts.invalid > 1_000, "{counts:?}");
}

#[test]
fn rsa_pss_signatures() {
    let mut counts = Counts::default();
    for name in rsa_pss_verify::TestName::all() {
        let set = rsa_pss_verify::TestSet::load(name).expect("it loads");
        for group in set.test_groups {
            // The mask is made with the hash of the message.
            let is_one_hash = group.mgf == Mgf::Mgf1 && group.mgf_hash == Some(group.hash);
            let Some(hash) = hash_identifier(group.hash).filter(|_| is_one_hash) else {
                continue;
            };
            let salt = u16::try_from(group.salt_size).expect("it is short");
            let parameters = pss_parameters(hash, hash, salt, true);
            let identifier = algorithm("1.2.840.113549.1.1.10", Some(&parameters));
            let key = spki(
                &algorithm("1.2.840.113549.1.1.1", Some(NULL)),
                &group.asn_key,
            );
            for test in &group.tests {
                let signed = (&test.msg[..], &test.sig[..]);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                counts.try_one(&key, &identifier, signed, test.result, &what);
            }
        }
    }
    assert!(counts.valid > 200 && counts.invalid > 200, "{counts:?}");
}
