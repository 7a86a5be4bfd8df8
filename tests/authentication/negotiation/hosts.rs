use portcullis::authentication::negotiation::*;
use proptest::prelude::*;

fn map() -> HostMap<&'static str> {
    let hosts = [
        "example.test",
        "*.example.test",
        "*.b.example.test",
        "x.b.example.test",
    ];
    let map = hosts
        .iter()
        .try_fold(HostMap::new(), |map, host| map.host(host, *host));
    map.unwrap()
}

#[test]
fn exact_before_the_longest_wildcard_before_any() {
    let with_any = map().any("*");
    for (host, expected) in [
        ("example.test", "example.test"),
        ("EXAMPLE.TEST", "example.test"),
        ("a.example.test", "*.example.test"),
        ("b.example.test", "*.example.test"),
        ("x.b.example.test", "x.b.example.test"),
        ("y.b.example.test", "*.b.example.test"),
        ("y.x.b.example.test", "*.b.example.test"),
        ("notexample.test", "*"),
        ("test", "*"),
        ("a.example.test.", "*"),
        ("192.0.2.1", "*"),
        ("[2001:db8::1]", "*"),
        ("2001:db8::1", "*"),
        ("", "*"),
        (".example.test", "*"),
        ("*.example.test", "*"),
        ("a..example.test", "*"),
        ("a_b.example.test", "*"),
    ] {
        assert_eq!(with_any.get(Some(host)), Some(&expected), "{host}");
        let expected = Some(&expected).filter(|expected| **expected != "*");
        assert_eq!(map().get(Some(host)), expected, "{host}");
    }
    assert_eq!(with_any.get(None), Some(&"*"));
    assert_eq!(map().get(None), None);
}

#[test]
fn only_names_and_wildcards_are_put_in() {
    for name in [
        "",
        ".",
        "*.",
        "**",
        "*a.test",
        "*.*.test",
        "a.*.test",
        "example.test.",
        "192.0.2.1",
        "*.0.2.1",
        "a b",
        "é.test",
        "*..test",
        ".test",
    ] {
        assert!(HostMap::new().host(name, ()).is_err(), "{name}");
    }
    let long = std::format!("{}.test", "a.".repeat(130));
    assert!(HostMap::new().host(&long, ()).is_err());
    assert_eq!(HostMap::new().host("*", 1).unwrap().get(None), Some(&1));
    let twice = HostMap::new()
        .host("A.test", 1)
        .unwrap()
        .host("a.TEST", 2)
        .unwrap();
    assert_eq!(twice.get(Some("a.test")), Some(&2));
}

proptest! {
    #[test]
    fn a_wildcard_is_the_end_of_what_it_holds_for(host in "[a-c]{1,2}(\\.[a-c]{1,2}){0,4}") {
        let map = ["*.a", "*.b.a", "*.a.b.a", "c"].into_iter();
        let map = map.fold(HostMap::new(), |map, host| map.host(host, host).unwrap());
        match map.get(Some(&host)) {
            Some(pattern) => {
                let end = pattern.trim_start_matches('*');
                prop_assert!(host.ends_with(end) && (host.len() > end.len() || host == "c"));
            }
            None => prop_assert!(!host.ends_with(".a")),
        }
    }
}
