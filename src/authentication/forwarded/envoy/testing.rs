//! Tests of `envoy.rs`.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::testing::{
    behaves, chain, decode, fault, leaf as leaf_certificate, named, other, read,
};
use super::super::{ForwardedLimits, Peer};
use super::*;
use crate::certificate::Certificate;
use proptest::prelude::*;

fn only() -> Codec<Envoy> {
    envoy(XfccElement::Only)
}

fn from_right(place: usize) -> Codec<Envoy> {
    envoy(XfccElement::FromRight(NonZeroUsize::new(place).unwrap()))
}

fn element(certificate: Certificate) -> String {
    only().encode(&Presented::new(certificate)).remove(0).1
}

fn pem_of(certificate: &Certificate) -> String {
    percent::encode(&certificate.to_pem(), stays)
}

#[test]
fn an_element_with_or_without_a_chain() {
    behaves(&only(), true);
    behaves(&from_right(1), true);
    behaves(&only().require_hash(true), true);
    let text = element(leaf_certificate());
    assert!(
        text.starts_with("Hash=") && text.contains("Cert=\"-----BEGIN%20CERTIFICATE-----%0AMI")
    );
}

#[test]
fn the_client_writes_on_the_left_and_is_not_believed() {
    let forged = element(other());
    let header = alloc::format!("{forged},{}", element(leaf_certificate()));
    assert_eq!(
        read(&from_right(1), &[(HEADER, &header)]),
        [leaf_certificate()]
    );
    assert_eq!(
        fault(&only(), &[(HEADER, &header)]),
        HeaderFault::Elements { found: 2 }
    );
    // With one proxy too many the client's own element is chosen, so the number must be right.
    assert_eq!(read(&from_right(2), &[(HEADER, &header)]), [other()]);
    assert_eq!(
        fault(&from_right(3), &[(HEADER, &header)]),
        HeaderFault::Elements { found: 2 }
    );
    let huge = envoy(XfccElement::FromRight(NonZeroUsize::MAX));
    assert_eq!(
        fault(&huge, &[(HEADER, &header)]),
        HeaderFault::Elements { found: 2 }
    );
}

#[test]
fn no_quotation_mark_of_the_client_swallows_what_follows() {
    let own = element(leaf_certificate());
    for prefix in [
        "By=\"",
        "\"",
        "By=\"\\",
        "By=\"x\"y",
        "Subject=\"CN=a\\",
        "By=a\"b",
        ",",
        ";",
        "By",
        "=x",
        "By=x;",
        "B y=x",
    ] {
        let header = alloc::format!("{prefix},{own}");
        assert!(
            decode(&from_right(1), &[(HEADER, &header)]).is_err(),
            "{prefix}"
        );
    }
    // Quoted commas and escaped quotation marks are part of a value.
    for prefix in [
        "Subject=\"CN=a\\\",Cert=x\"",
        "Subject=\"CN=a\\\\\"",
        "By=a=b;Subject=\"\"",
        "by=\"a,b;c=d\"",
    ] {
        let header = alloc::format!("{prefix},{own}");
        assert_eq!(
            read(&from_right(1), &[(HEADER, &header)]),
            [leaf_certificate()],
            "{prefix}"
        );
    }
}

#[test]
fn keys_have_any_case_and_no_twin() {
    let text = element(leaf_certificate());
    let shouted = text.replace("Hash", "HASH").replace("Cert=", "cERT=");
    assert_eq!(read(&only(), &[(HEADER, &shouted)]), [leaf_certificate()]);
    let bare = text.replace('"', "");
    assert_eq!(read(&only(), &[(HEADER, &bare)]), [leaf_certificate()]);
    for twin in ["Cert=x", "hash=00", "CERT=\"\""] {
        let header = alloc::format!("{text};{twin}");
        let offset = text.len() + 1;
        assert_eq!(
            fault(&only(), &[(HEADER, &header)]),
            HeaderFault::NotXfcc { offset },
            "{twin}"
        );
    }
}

#[test]
fn the_hash_is_that_of_the_certificate() {
    let text = element(leaf_certificate());
    let (hash, cert) = text.split_once(';').unwrap();
    let wrong = alloc::format!("Hash={};{cert}", "0".repeat(64));
    assert_eq!(
        fault(&only(), &[(HEADER, &wrong)]),
        HeaderFault::HashMismatch
    );
    let shouted = alloc::format!("Hash={};{cert}", hash[5..].to_ascii_uppercase());
    assert_eq!(read(&only(), &[(HEADER, &shouted)]), [leaf_certificate()]);
    assert_eq!(
        fault(&only(), &[(HEADER, &alloc::format!("Hash=;{cert}"))]),
        HeaderFault::NotHex
    );
    assert_eq!(read(&only(), &[(HEADER, cert)]), [leaf_certificate()]);
    assert_eq!(
        fault(&only().require_hash(true), &[(HEADER, cert)]),
        HeaderFault::NoHash
    );
    assert_eq!(
        fault(&only(), &[(HEADER, hash)]),
        HeaderFault::NoCertificate
    );
}

#[test]
fn the_chain_begins_with_the_leaf() {
    let written = only().encode(&chain()).remove(0).1;
    let (_, chain_part) = written.split_once(";Chain=").unwrap();
    let alone = alloc::format!("Chain={chain_part}");
    assert_eq!(
        read(&only(), &[(HEADER, &alone)]),
        [leaf_certificate(), named("issuer"), named("root")]
    );
    let mismatch = alloc::format!("Cert=\"{}\";Chain={chain_part}", pem_of(&other()));
    assert_eq!(
        fault(&only(), &[(HEADER, &mismatch)]),
        HeaderFault::LeafMismatch
    );
    let two = alloc::format!("Cert={chain_part}");
    assert_eq!(
        fault(&only(), &[(HEADER, &two)]),
        HeaderFault::MoreThanOneCertificate
    );
    let codec = only().limits(ForwardedLimits::default().certificates(2));
    assert_eq!(
        fault(&codec, &[(HEADER, &written)]),
        HeaderFault::TooManyCertificates { limit: 2 }
    );
    for empty in ["Cert=", "Cert=\"\"", "Chain=", "By=x"] {
        assert_eq!(
            fault(&only(), &[(HEADER, empty)]),
            HeaderFault::NoCertificate,
            "{empty}"
        );
    }
}

fn first_of(all: usize) -> Codec<Envoy> {
    envoy(XfccElement::FirstOf(NonZeroUsize::new(all).unwrap()))
}

/// What Envoy writes for a certificate, with unescaped names.
fn written(certificate: &Certificate, with: (bool, bool), uris: &[&str], dns: &[&str]) -> String {
    let mut parts = Vec::from(["By=spiffe://mesh/proxy".to_string()]);
    if with.0 {
        let hash = hex::encode(&certificate.sha256_thumbprint());
        parts.push(alloc::format!("Hash={hash}"));
    }
    if with.1 {
        parts.push(alloc::format!("Cert=\"{}\"", pem_of(certificate)));
    }
    parts.push("Subject=\"CN=x\"".into());
    parts.extend(uris.iter().map(|uri| alloc::format!("URI={uri}")));
    parts.extend(dns.iter().map(|dns| alloc::format!("DNS={dns}")));
    parts.join(";")
}

/// All sequences of these tokens up to this length.
fn sequences(tokens: &[&str], most: usize) -> Vec<String> {
    let mut all = Vec::from([String::new()]);
    let mut last = all.clone();
    for _ in 0..most {
        let longer = last.iter().flat_map(|start| {
            let longer = tokens.iter();
            longer.map(move |token| alloc::format!("{start}{token}"))
        });
        last = longer.collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// This header gives the client `leaf` or an error.
#[track_caller]
fn is_leaf_or_nobody(codec: &Codec<Envoy>, header: &str) -> bool {
    let Ok(forwarded) = decode(codec, &[(HEADER, header)]) else {
        return false;
    };
    let forwarded = forwarded.unwrap();
    assert_eq!(forwarded.leaf(), &leaf_certificate(), "{header}");
    true
}

/// S2: no certified URI or DNS name turns a client into another one: neither the client that
/// the name spells out nor the proxy.
#[test]
fn no_name_in_a_certificate_becomes_another_client() {
    let victim = other();
    let cert = alloc::format!("Cert={}", pem_of(&victim));
    let hash = alloc::format!("Hash={}", hex::encode(&victim.sha256_thumbprint()));
    let tokens = [",", ";", "\"", "\\", " ", "By=x", "URI=", "x", &hash, &cert];
    let mut attacks = sequences(&tokens, 3);
    for border in [",", "x,", "\"x\",", "x,By=y,", "x,,", ";", "x;", "\"x\";"] {
        for end in [
            "", ";By=x", ";URI=x", ";DNS=x", ",By=x", ";By=\"", "\\", " ",
        ] {
            for inner in [
                alloc::format!("{hash};{cert}"),
                alloc::format!("{cert};{hash}"),
                cert.clone(),
                cert.replacen("Cert=", "Chain=", 1),
                alloc::format!("Cert=\"{}\"", pem_of(&victim)),
            ] {
                attacks.push(alloc::format!("{border}{inner}{end}"));
            }
        }
    }
    let hop = written(&named("edge"), (true, true), &["spiffe://mesh/edge"], &[]);
    for attack in &attacks {
        let attack = &**attack;
        for (uris, dns) in [
            (&[attack][..], &[][..]),
            (&[], &[attack]),
            (&["spiffe://a"], &[attack, "a.test"]),
        ] {
            for with in [(true, true), (true, false), (false, true), (false, false)] {
                let own = written(&leaf_certificate(), with, uris, dns);
                let two = alloc::format!("{own},{hop}");
                for (codec, header) in [
                    (only(), &own),
                    (first_of(1), &own),
                    (first_of(2), &own),
                    (first_of(2), &two),
                ] {
                    is_leaf_or_nobody(&codec, header);
                }
                for (codec, header) in [(from_right(1), &own), (from_right(2), &two)] {
                    assert!(!is_leaf_or_nobody(&codec, header), "{header}");
                }
            }
        }
    }
}

/// S2: names in two parts that put what the proxy writes between them into quotation marks.
#[test]
fn two_names_do_not_work_together() {
    let cert = alloc::format!("Cert={}", pem_of(&other()));
    let starts = ["\"", "x,By=\"", "x;By=\"", "x,Subject=\"\\"];
    let ends = ["\"", "\",", "\";", "x\",", "x\" ,"].map(|end| alloc::format!("{end}{cert}"));
    let hop = written(&named("edge"), (true, true), &[], &[]);
    for start in starts {
        for end in ends.iter().map(|end| &**end) {
            for (uris, dns) in [(&[start, end][..], &[][..]), (&[start], &[end])] {
                let own = written(&leaf_certificate(), (true, true), uris, dns);
                let two = alloc::format!("{own},{hop}");
                is_leaf_or_nobody(&only(), &own);
                is_leaf_or_nobody(&first_of(2), &two);
                is_leaf_or_nobody(&from_right(1), &own);
                is_leaf_or_nobody(&from_right(2), &two);
            }
        }
    }
}

/// S2: which headers are refused, and the offset of the first name.
#[test]
fn a_name_is_refused_where_it_may_have_made_the_element() {
    let own = element(leaf_certificate());
    let at = own.len() + 1;
    for name in [
        "URI=",
        "DNS=",
        "uri=a",
        "DNS=a=b",
        "URI=\"a\"",
        "Subject=CN=a",
    ] {
        let named = alloc::format!("{own};{name}");
        let unescaped = HeaderFault::UnescapedName { offset: at };
        assert_eq!(fault(&from_right(1), &[(HEADER, &named)]), unescaped);
        assert_eq!(read(&only(), &[(HEADER, &named)]), [leaf_certificate()]);
        assert_eq!(
            read(&first_of(1), &[(HEADER, &named)]),
            [leaf_certificate()]
        );

        // To the left of the chosen element, at any distance, and to its right.
        let left = alloc::format!("By=x,By=y;{name},By=z,{own}");
        let unescaped = HeaderFault::UnescapedName { offset: 10 };
        assert_eq!(fault(&from_right(1), &[(HEADER, &left)]), unescaped);
        let right = alloc::format!("{own},By=x;{name}");
        let there = [leaf_certificate()];
        assert_eq!(read(&from_right(2), &[(HEADER, &right)]), there);
        assert_eq!(read(&first_of(2), &[(HEADER, &right)]), there);

        // In the chosen element nothing is read after the name.
        let behind = alloc::format!("{name};{own}");
        let unescaped = HeaderFault::UnescapedName { offset: 0 };
        for codec in [only(), first_of(1), from_right(1)] {
            assert_eq!(fault(&codec, &[(HEADER, &behind)]), unescaped, "{name}");
        }
        let believed = only().dangerously_trust_unescaped_names();
        assert_eq!(read(&believed, &[(HEADER, &behind)]), there);
        let believed = from_right(1).dangerously_trust_unescaped_names();
        for header in [&named, &left, &behind] {
            assert_eq!(read(&believed, &[(HEADER, header)]), there);
        }
    }
    // A quoted subject is escaped, so it cannot add anything.
    let subject = alloc::format!("Subject=\"CN=a\\\",Cert=x\";{own}");
    assert_eq!(
        read(&from_right(1), &[(HEADER, &subject)]),
        [leaf_certificate()]
    );
}

/// S2: the number of proxies must be exact if the first one replaces the header.
#[test]
fn the_first_of_so_many() {
    let (own, hop) = (
        element(leaf_certificate()),
        "By=x;Hash=00;URI=spiffe://mesh/edge",
    );
    let two = alloc::format!("{own};URI=spiffe://a,{hop}");
    assert_eq!(read(&first_of(2), &[(HEADER, &two)]), [leaf_certificate()]);
    for (codec, header, found) in [
        (first_of(1), &*two, 2),
        (first_of(3), &two, 2),
        (first_of(2), &own, 1),
        (
            first_of(2),
            &alloc::format!("{},{two}", element(other())),
            3,
        ),
        (envoy(XfccElement::FirstOf(NonZeroUsize::MAX)), &two, 2),
    ] {
        assert_eq!(
            fault(&codec, &[(HEADER, header)]),
            HeaderFault::Elements { found }
        );
    }
    behaves(&first_of(1), true);
}

proptest! {
    #[test]
    fn what_goes_out_comes_in(names in proptest::collection::vec("[ -~]{1,20}", 0..5)) {
        let certificates: Vec<_> = names.iter().map(|name| named(name)).collect();
        let presented = Presented::new(named("the leaf of this test")).with_certificates(certificates);
        let forwarded = only().decode(&only().encode(&presented), Peer::TrustedProxy).unwrap().unwrap();
        prop_assert_eq!(forwarded.leaf(), presented.leaf());
        prop_assert_eq!(forwarded.chain(), presented.certificates());
    }

    #[test]
    fn whatever_stands_before_it_the_last_element_is_ours_or_it_is_an_error(
        before in "(By=|Cert=|Subject=|\"|\\\\|,|;|=|CN=a|URI=| ){0,12}",
    ) {
        let header = alloc::format!("{before},{}", element(leaf_certificate()));
        if let Ok(found) = decode(&from_right(1), &[(HEADER, &header)]) {
            let found = found.unwrap();
            prop_assert_eq!(found.leaf(), &leaf_certificate());
        }
    }
}
