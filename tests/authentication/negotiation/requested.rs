use portcullis::authentication::negotiation::InvalidAuthority::{
    Contradiction, Malformed, Missing, Repeated,
};
use portcullis::authentication::negotiation::{
    ClientCertificateMode, Http, HttpRequest, InvalidAuthority, Negotiation, Status, Tls,
    requested_authority,
};
use proptest::prelude::*;

fn of(
    http: Http,
    target: &str,
    authority: Option<&str>,
    hosts: &[&str],
) -> Result<String, InvalidAuthority> {
    let headers: Vec<_> = hosts.iter().map(|host| ("HoSt", *host)).collect();
    requested_authority(http, target, authority, &headers).map(ToString::to_string)
}

/// S3: the target wins over `Host`, which must be there once and be one.
#[test]
fn the_target_of_http_1_wins() {
    let v1 = |target, hosts: &[&str]| of(Http::V1, target, None, hosts);
    for (target, expected) in [
        ("/", "www.test"),
        ("//id.test/", "www.test"),
        ("/x://id.test/", "www.test"),
        ("", "www.test"),
        ("*", "www.test"),
        ("http://id.test", "id.test"),
        ("HTTPS://ID.test:8443/x", "ID.test:8443"),
        ("https://id.test?x", "id.test"),
        ("https://id.test#x", "id.test"),
        ("https://id.test./", "id.test."),
        ("https://id.test:/", "id.test:"),
        ("https://[2001:db8::1]:443/", "[2001:db8::1]:443"),
        ("id.test:443", "id.test:443"),
        ("[::1]:443", "[::1]:443"),
    ] {
        assert_eq!(
            v1(target, &["www.test"]).as_deref(),
            Ok(expected),
            "{target}"
        );
        assert_eq!(v1(target, &[]), Err(Missing), "{target}");
        let two = ["www.test", "www.test"];
        assert_eq!(v1(target, &two), Err(Repeated { times: 2 }), "{target}");
        assert_eq!(v1(target, &["a b"]), Err(Malformed), "{target}");
    }
    assert_eq!(v1("https://id.test/", &[""]).as_deref(), Ok("id.test"));
    assert_eq!(v1("/", &[""]), Err(Missing));
    for target in [
        "https:///x",
        "https://",
        "https://x@id.test/",
        "https://id.test:443:443/",
        "https://id.test:x/",
        "https://id.test:65536/",
        "https://id.test\\@www.test/",
        "https://id.test,www.test/x",
        "https://é.test/",
        "://id.test/",
        "1x://id.test/",
        "h ttps://id.test/",
        "x@id.test",
        "http:/x",
        "mailto:x",
        "[::1",
        "[]",
        "?x",
    ] {
        assert_eq!(v1(target, &["www.test"]), Err(Malformed), "{target}");
    }
    // A library that splits the target tells the same.
    let split = |authority| of(Http::V1, "/x", Some(authority), &["www.test"]);
    assert_eq!(split("id.test").as_deref(), Ok("id.test"));
    assert_eq!(split("x@id.test"), Err(Malformed));
    let both = |authority| of(Http::V1, "https://id.test/", Some(authority), &["www.test"]);
    assert_eq!(both("ID.test:443").as_deref(), Ok("id.test"));
    assert_eq!(both("www.test"), Err(Contradiction));
}

/// S3: HTTP/2 and HTTP/3 may say it twice, and not two things.
#[test]
fn pseudo_header_and_host_agree() {
    for http in [Http::V2, Http::V3] {
        let read = |authority, hosts: &[&str]| of(http, "/x", authority, hosts);
        assert_eq!(read(Some("a.test"), &[]).as_deref(), Ok("a.test"));
        assert_eq!(read(None, &["a.test"]).as_deref(), Ok("a.test"));
        assert_eq!(read(None, &[]), Err(Missing));
        assert_eq!(read(None, &[""]), Err(Missing));
        assert_eq!(read(Some(""), &["a.test"]), Err(Malformed));
        let two = ["a.test", "b.test"];
        assert_eq!(read(Some("a.test"), &two), Err(Repeated { times: 2 }));
        assert_eq!(read(None, &two), Err(Repeated { times: 2 }));
        for (authority, host, same) in [
            ("a.test", "a.test", true),
            ("a.test", "A.TEST", true),
            ("a.test", "a.test:443", true),
            ("a.test:", "a.test:0443", true),
            ("a.test:8443", "a.test:8443", true),
            ("a_b.test", "A_b.test", true),
            ("192.0.2.1", "192.0.2.1:443", true),
            ("[2001:db8::1]", "[2001:DB8:0::1]:443", true),
            ("a.test", "b.test", false),
            ("a.test", "", false),
            ("a.test", "a.test.", false),
            ("a.test", "a.test:8443", false),
            ("a.test:80", "a.test", false),
            ("[2001:db8::1]", "[2001:db8::2]", false),
            ("[::ffff:192.0.2.1]", "192.0.2.1", false),
            ("%61.test", "a.test", false),
        ] {
            let expected = if same {
                Ok(authority)
            } else {
                Err(Contradiction)
            };
            let found = read(Some(authority), &[host]);
            assert_eq!(found.as_deref().map_err(|error| *error), expected, "{host}");
        }
    }
}

/// S3: no way to write the host of a request leads past the host of the handshake.
#[test]
fn every_place_is_held_to_the_handshake() {
    let negotiation = Negotiation::new(ClientCertificateMode::NoCertificate)
        .host("id.test", ClientCertificateMode::RequireCertificate)
        .unwrap();
    let is_misdirected = |http, target: &str, authority, hosts: &[&str]| {
        let authority = of(http, target, authority, hosts).ok()?;
        let request = HttpRequest::new(Tls::V1_3, http, &authority).sni(Some("www.test"));
        let status = negotiation.request(&request).status;
        Some(status == Some(Status::MisdirectedRequest))
    };
    for host in [
        "id.test",
        "ID.test:443",
        "id.test.",
        "id.test:8443",
        "[::1]",
        "192.0.2.1",
    ] {
        let target = format!("https://{host}/x");
        let v1 = |target: &str, hosts: &[&str]| is_misdirected(Http::V1, target, None, hosts);
        assert_eq!(v1(&target, &["www.test"]), Some(true), "{host}");
        assert_eq!(v1("/x", &[host]), Some(true), "{host}");
        assert_eq!(v1("/x", &["www.test", host]), None, "{host}");
        assert_eq!(v1("https://www.test/x", &[host]), Some(false), "{host}");
        let v2 = |authority, hosts: &[&str]| is_misdirected(Http::V2, "/x", authority, hosts);
        assert_eq!(v2(Some(host), &[]), Some(true), "{host}");
        assert_eq!(v2(None, &[host]), Some(true), "{host}");
        assert_eq!(v2(Some("www.test"), &[host]), None, "{host}");
        assert_eq!(v2(Some(host), &["www.test"]), None, "{host}");
    }
}

proptest! {
    #[test]
    fn what_is_found_is_one_of_what_came(
        target in "(/|https?://|\\*)?[ab.:@\\[\\]1é/?-]{0,8}",
        authority in proptest::option::of("[ab.:@\\[\\]1-]{0,6}"),
        hosts in proptest::collection::vec("[ab.:@\\[\\]1é-]{0,6}", 0..3),
        http in prop::sample::select(Vec::from([Http::V1, Http::V2, Http::V3])),
    ) {
        let headers: Vec<_> = hosts.iter().map(|host| ("host", &**host)).collect();
        let found = requested_authority(http, &target, authority.as_deref(), &headers);
        if let Ok(found) = found {
            prop_assert!(!found.is_empty() && !found.contains(['@', '/', '?', '#', ' ']));
            prop_assert!(hosts.len() < 2);
            let is_named = authority.as_deref() == Some(found)
                || hosts.iter().any(|host| host == found)
                || target.contains(found);
            prop_assert!(is_named, "{}", found);
        }
    }
}
