//! The summary that is printed: what was made, and commands to try.

use std::error::Error;
use std::fmt::Write;

use portcullis::certificate::Hex;

use crate::arguments::{CRL_FOLDER, Host, INTERMEDIATE, Options, ROOT};
use crate::authority::{Holder, Role};

/// The text for standard output.
pub(crate) fn of(options: &Options, holders: &[Holder]) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let folder = options.folder.display();
    writeln!(text, "Made in {folder}, NAME.pem and NAME.key for each:\n")?;
    let widest = holders.iter().map(|holder| holder.name.len()).max();
    let width = widest.unwrap_or_default();
    for holder in holders {
        let (name, until) = (&holder.name, holder.until);
        writeln!(
            text,
            "  {name:width$}  until {until}  {}",
            role(holder.role, options)
        )?;
    }
    let crls = options.folder.join(CRL_FOLDER);
    writeln!(
        text,
        "\nWhoever has root.key or intermediate.key can issue certificates. These are for \
         tests; keep real ones offline.\n\
         The CRLs are in {}. The certificates say that they can be fetched from {}\n\n\
         Try it:\n",
        crls.display(),
        options.crl_url
    )?;
    let (refused, accepted): (Vec<_>, Vec<_>) = holders
        .iter()
        .partition(|holder| holder.role == Role::Revoked);
    write_commands(&mut text, &accepted, options)?;
    if !refused.is_empty() {
        text.push_str("\nRefused:\n\n");
    }
    write_commands(&mut text, &refused, options)?;
    Ok(text)
}

fn write_commands(
    text: &mut String,
    holders: &[&Holder],
    options: &Options,
) -> Result<(), std::fmt::Error> {
    for holder in holders {
        for command in commands(holder, options) {
            writeln!(text, "  {command}")?;
        }
    }
    Ok(())
}

fn role(role: Role, options: &Options) -> String {
    match role {
        Role::Root => "the trust anchor: the only file that servers need to trust".into(),
        Role::Intermediate => "issues the certificates below, and is in their files".into(),
        Role::Server => format!("server {}", shown(&options.hosts)),
        Role::Client => "client".into(),
        Role::Revoked => "revoked client".into(),
        Role::SelfSigned => "client with a self-signed certificate, to be pinned".into(),
    }
}

fn shown(hosts: &[Host]) -> String {
    let hosts = hosts.iter().map(|host| match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    });
    hosts.collect::<Vec<_>>().join(", ")
}

fn commands(holder: &Holder, options: &Options) -> Vec<String> {
    let path = |name: &str| quoted(&options.folder.join(name).to_string_lossy());
    let file = |name: &str| path(&format!("{name}.pem"));
    let crl = |issuer: &str| format!("--crl {}", path(&format!("{CRL_FOLDER}/{issuer}.crl")));
    let crls = [crl(ROOT), crl(INTERMEDIATE)].join(" ");
    let (own, root, intermediate) = (file(&holder.name), file(ROOT), file(INTERMEDIATE));
    let validate = format!("cargo run --release --example validate -- {own}");
    let verify = format!("openssl verify -CAfile {root} -untrusted {intermediate}");
    match holder.role {
        Role::Root | Role::Intermediate => Vec::new(),
        Role::Server => vec![
            format!(
                "{validate} --roots {root} {crls} --purpose server{}",
                names(&options.hosts)
            ),
            format!("{verify} -purpose sslserver {own}"),
        ],
        Role::Client => vec![
            format!("{validate} --roots {root} {crls} --purpose client"),
            format!("{verify} -purpose sslclient {own}"),
        ],
        Role::Revoked => vec![format!("{validate} --roots {root} {crls} --purpose client")],
        Role::SelfSigned => vec![
            format!(
                "{validate} --allow-self-signed cert:{} --purpose client",
                Hex(&holder.sha256)
            ),
            format!("openssl verify -CAfile {own} -purpose sslclient {own}"),
        ],
    }
}

fn names(hosts: &[Host]) -> String {
    let options = hosts.iter().map(|host| match host {
        Host::Name(name) => format!(" --name dns:{name}"),
        Host::Address(address) => format!(" --name ip:{address}"),
    });
    options.collect()
}

/// Quoted so that a shell reads it as one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
