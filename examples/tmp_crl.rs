use portcullis::revocation::Crl;
fn main() {
    let mut paths: Vec<_> = std::fs::read_dir("/tmp/helpers/crl-corpus")
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    for p in paths {
        let name = p.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&p).unwrap();
        match Crl::from_der(&bytes) {
            Ok(c) => {
                for e in c.entries() {
                    let f = c.find(e.serial, e.issuer);
                    if f != Some(e) {
                        println!("  DIFF {name} {e:?} {f:?}");
                    }
                }
                let idp = c.issuing_distribution_point();
                println!(
                    "ok {name} {:?} n={} num={:?}{} delta={:?} idp={:?} flaw={:?} next={:?} entries={:?}",
                    c.version(),
                    c.len(),
                    c.crl_number().map(|n| n.as_bytes()),
                    if c.crl_number_is_critical() { "!" } else { "" },
                    c.delta_base().map(|n| n.as_bytes()),
                    idp.map(|i| (
                        i.name.is_some(),
                        i.only_user,
                        i.only_ca,
                        i.only_attribute,
                        i.indirect,
                        i.only_some_reasons
                    )),
                    c.unusable().map(|f| f.to_string()),
                    c.next_update().map(|t| t.to_string()),
                    c.entries()
                        .map(|e| (e.issuer != c.issuer(), e.reason))
                        .collect::<Vec<_>>()
                );
            }
            Err(e) => println!("ERR {name} {e}"),
        }
    }
}
