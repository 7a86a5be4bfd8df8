//! Makes the certificates and CRLs. The page `authentication::making_certificates` makes the same
//! ones with openssl.

use std::error::Error;

use portcullis::Time;
use portcullis::certificate::{Hex, sha256};
use portcullis_testkit::certificate::{self, Authority, Template};
use portcullis_testkit::crl::{CrlEntry, CrlTemplate, KEY_COMPROMISE};
use portcullis_testkit::extensions::{
    CLIENT_AUTH, SERVER_AUTH, alt_names, basic_constraints, distribution_point, extended_key_usage,
    not_a_ca,
};
use portcullis_testkit::keys::Key;
use portcullis_testkit::names::{common_name, dns, email, ip, upn, uri};
use portcullis_testkit::pem::pem;

use crate::arguments::{Host, INTERMEDIATE, Options, ROOT, SERVER};
use crate::fresh::{label, moment};

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// Seconds. Certificates begin in the past, for validators whose clock is slow.
const HEAD_START: i64 = 300;

/// A certificate with its chain and private key.
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The chain without the root, in PEM.
    pub(crate) chain: String,
    /// PKCS #8 in PEM.
    pub(crate) key: String,
    pub(crate) until: Time,
    /// Of the certificate: the pin, if it is self-signed.
    pub(crate) sha256: [u8; 32],
}

/// A CRL, in DER.
pub(crate) struct MadeCrl {
    pub(crate) issuer: &'static str,
    pub(crate) der: Vec<u8>,
}

/// Everything that goes to files.
pub(crate) struct Made {
    pub(crate) holders: Vec<Holder>,
    pub(crate) crls: [MadeCrl; 2],
    /// The revoked certificates, in the format of the database of `openssl ca`.
    pub(crate) index: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Root,
    Intermediate,
    Server,
    Client,
    Revoked,
    SelfSigned,
}

/// Makes everything, valid from now on.
pub(crate) fn make(options: &Options, now: Time) -> Result<Made, Box<dyn Error>> {
    let leaves_end = now.plus(i64::from(options.days) * DAY);
    let begin = now.plus(-HEAD_START);
    let (root_ends, intermediate_ends) = (now.plus(20 * YEAR), now.plus(10 * YEAR));
    let valid = |template: Template, until| template.valid(&moment(begin), &moment(until));

    let root = Template::ca(&label()?).subject(common_name("Example Root"));
    let root = Authority::self_signed(valid(root, root_ends));
    // A path length of 0: it issues to servers and clients, never to another CA.
    let intermediate = Template::ca(&label()?)
        .subject(common_name("Example Intermediate"))
        .with(basic_constraints(Some(0)))
        .with(distribution_point(&list_url(options, ROOT)));
    let intermediate = root.issue_ca(valid(intermediate, intermediate_ends));

    let mut holders = vec![
        holder(ROOT, Role::Root, &[&root.certificate], root_ends)?,
        holder(
            INTERMEDIATE,
            Role::Intermediate,
            &[&intermediate.certificate],
            intermediate_ends,
        )?,
    ];
    let listed = distribution_point(&list_url(options, INTERMEDIATE));
    let issue = |template: Template| {
        let template = template.with(listed.clone());
        intermediate.issue(valid(template, leaves_end))
    };
    let chained = |name: &str, role, leaf: &certificate::Made| {
        holder(name, role, &[leaf, &intermediate.certificate], leaves_end)
    };
    let server = issue(server(&options.hosts)?);
    holders.push(chained(SERVER, Role::Server, &server)?);
    for name in &options.clients {
        holders.push(chained(name, Role::Client, &issue(client(name)?))?);
    }
    let mut revoked = Vec::new();
    for name in &options.revoked {
        let leaf = issue(client(name)?);
        holders.push(chained(name, Role::Revoked, &leaf)?);
        revoked.push((name, leaf));
    }
    for name in &options.self_signed {
        let own = Authority::self_signed(valid(client(name)?, leaves_end));
        holders.push(holder(
            name,
            Role::SelfSigned,
            &[&own.certificate],
            leaves_end,
        )?);
    }

    let crl = |issuer| {
        // The CRLs that `openssl ca` may make later begin with number 1.
        let crl = CrlTemplate::by(issuer).number(0);
        crl.issued(&moment(begin), Some(&moment(leaves_end)))
    };
    // A CRL has no entry that is later than itself.
    let entry = |leaf| CrlEntry::of(leaf).dated(&moment(begin));
    let entries = revoked.iter().map(|(_, leaf)| entry(leaf));
    let revoking = entries.fold(crl(&intermediate), |crl, entry| {
        crl.entry(entry.reason(KEY_COMPROMISE))
    });
    let crls = [(ROOT, crl(&root)), (INTERMEDIATE, revoking)];
    let lines = revoked
        .iter()
        .map(|(name, leaf)| index_line(name, leaf, leaves_end, begin));
    Ok(Made {
        index: lines.collect::<Result<_, _>>()?,
        crls: crls.map(|(issuer, crl)| MadeCrl {
            issuer,
            der: crl.der(),
        }),
        holders,
    })
}

fn list_url(options: &Options, issuer: &str) -> String {
    format!("{}{issuer}.crl", options.crl_url)
}

/// A line of the database of `openssl ca`, which writes years with two digits.
fn index_line(
    name: &str,
    leaf: &certificate::Made,
    until: Time,
    revoked_at: Time,
) -> Result<String, Box<dyn Error>> {
    let parsed = portcullis::Certificate::from_der(&leaf.der)?;
    let serial = Hex(parsed.serial()).to_string().to_uppercase();
    let [until, revoked_at] = [until, revoked_at].map(|time| moment(time).split_off(2));
    Ok(format!(
        "R\t{until}\t{revoked_at},keyCompromise\t{serial}\tunknown\t/CN={name}\n"
    ))
}

fn server(hosts: &[Host]) -> Result<Template, Box<dyn Error>> {
    let names: Vec<Vec<u8>> = hosts.iter().map(general_name).collect();
    Ok(leaf(SERVER, SERVER_AUTH)?.with(alt_names(&names)))
}

fn general_name(host: &Host) -> Vec<u8> {
    match host {
        Host::Name(name) => dns(name),
        Host::Address(std::net::IpAddr::V4(address)) => ip(&address.octets()),
        Host::Address(std::net::IpAddr::V6(address)) => ip(&address.octets()),
    }
}

fn client(name: &str) -> Result<Template, Box<dyn Error>> {
    Ok(leaf(name, CLIENT_AUTH)?.with(alt_names(&[
        email(&format!("{name}@example.test")),
        upn(&format!("{name}@corp.example.test")),
        uri(&format!("spiffe://example.test/{name}")),
    ])))
}

/// A leaf. Those of clients and servers differ in their extended key usage and names only.
fn leaf(name: &str, usage: &str) -> Result<Template, Box<dyn Error>> {
    let template = Template::client(&label()?)
        .subject(common_name(name))
        .with_key_identifier()
        .with(not_a_ca())
        .with(extended_key_usage(&[usage]));
    Ok(template)
}

/// The label of a certificate determines its key. Labels are random and not kept.
fn holder(
    name: &str,
    role: Role,
    chain: &[&certificate::Made],
    until: Time,
) -> Result<Holder, Box<dyn Error>> {
    let leaf = chain.first().ok_or("a chain has a leaf")?;
    let key = Key::p256(&leaf.label).pkcs8();
    let blocks = chain.iter().map(|made| pem("CERTIFICATE", &made.der));
    Ok(Holder {
        name: name.into(),
        role,
        chain: blocks.collect(),
        key: pem("PRIVATE KEY", &key.ok_or("the key is on P-256")?),
        until,
        sha256: sha256(&leaf.der),
    })
}
