//! Certificate policies (RFC 5280 section 6.1, steps (d) to (g)).

use portcullis_testkit::certificate::Template;
use portcullis_testkit::der::{oid, sequence};
use portcullis_testkit::extensions::{
    ANY_POLICY, CERTIFICATE_POLICIES, Extension, certificate_policies, inhibit_any_policy,
    inhibit_policy_mapping, policy_mapping, require_explicit_policy,
};

use super::{World, intermediate, leaf};
use crate::corpus::{Case, Corpus, Policies};

const GOLD: &str = "1.3.6.1.4.1.32473.1.1";
const SILVER: &str = "1.3.6.1.4.1.32473.1.2";

const EXPLICIT_GOLD: Policies = Policies {
    initial: &[GOLD],
    require_explicit: true,
    inhibit_mapping: false,
    inhibit_any: false,
};
const EXPLICIT_SILVER: Policies = Policies {
    initial: &[SILVER],
    ..EXPLICIT_GOLD
};

pub fn add(corpus: &mut Corpus, world: &World) {
    asked_for(corpus, world);
    any_policy(corpus, world);
    mappings(corpus, world);
    demanded_by_authorities(corpus, world);
    malformed(corpus, world);
}

fn gold(template: Template) -> Template {
    template.with(certificate_policies(&[GOLD]))
}

fn gold_authority() -> Template {
    gold(Template::ca("policy/gold"))
}

fn any_authority() -> Template {
    Template::ca("policy/any").with(certificate_policies(&[ANY_POLICY]))
}

fn asked_for(corpus: &mut Corpus, world: &World) {
    let below_gold = |id: &str, title: &str, client: Template| {
        world.below_with(id, title, gold_authority(), client)
    };
    let id = "policy-present";
    let case = below_gold(id, "The leaf has the required policy", gold(leaf(id)));
    corpus.valid(case.policies(EXPLICIT_GOLD).expect_policies(&[GOLD]));
    let id = "policy-other";
    let case = below_gold(id, "Another policy is required", gold(leaf(id)));
    corpus.invalid(case.policies(EXPLICIT_SILVER));
    let id = "policy-absent";
    let case = below_gold(id, "The leaf has no policy", leaf(id));
    corpus.invalid(case.policies(EXPLICIT_GOLD));
    let id = "policy-not-asked-for";
    let title = "The leaf has no policy, and none is required";
    corpus.valid(below_gold(id, title, leaf(id)));
    let id = "policy-absent-above";
    let case = world.client(id, "The intermediate has no policy", gold(leaf(id)));
    corpus.invalid(case.policies(EXPLICIT_GOLD));
}

fn any_policy(corpus: &mut Corpus, world: &World) {
    let id = "policy-any";
    let case = world.below_with(
        id,
        "anyPolicy above the policy",
        any_authority(),
        gold(leaf(id)),
    );
    corpus.valid(case.policies(EXPLICIT_GOLD).expect_policies(&[GOLD]));
    let id = "policy-any-inhibited";
    let case = world.below_with(
        id,
        "anyPolicy above the policy, which the caller inhibits",
        any_authority(),
        gold(leaf(id)),
    );
    corpus.invalid(case.policies(Policies {
        inhibit_any: true,
        ..EXPLICIT_GOLD
    }));

    for (id, title, skip) in [
        (
            "policy-any-inhibited-above",
            "anyPolicy below a CA that inhibits it",
            0,
        ),
        (
            "policy-any-inhibited-later",
            "anyPolicy below a CA that inhibits it from the next CA on",
            1,
        ),
    ] {
        let upper = any_above(id).with(inhibit_any_policy(skip));
        let lower = intermediate(id).with(certificate_policies(&[ANY_POLICY]));
        let case = three(world, id, title, upper, lower, gold(leaf(id))).policies(EXPLICIT_GOLD);
        if skip == 0 {
            corpus.invalid(case)
        } else {
            corpus.valid(case.expect_policies(&[GOLD]))
        }
    }
}

/// The uppermost of three CAs. It has anyPolicy, so that those below decide.
fn any_above(id: &str) -> Template {
    Template::ca(&format!("{id}/upper")).with(certificate_policies(&[ANY_POLICY]))
}

fn three(
    world: &World,
    id: &str,
    title: &str,
    upper: Template,
    lower: Template,
    client: Template,
) -> Case {
    let upper = world.root.issue_ca(upper);
    let lower = upper.issue_ca(lower);
    let client = lower.issue(client);
    let case = Case::new(id, title, &client).via(&[&lower.certificate, &upper.certificate]);
    case.under(&[&world.root.certificate])
}

fn mappings(corpus: &mut Corpus, world: &World) {
    let silver = |id: &str| leaf(id).with(certificate_policies(&[SILVER]));
    let mapping = || gold(Template::ca("policy/mapping")).with(policy_mapping(GOLD, SILVER));
    let case = |id: &str, title: &str| world.below_with(id, title, mapping(), silver(id));
    let mapped = case(
        "policy-mapped",
        "A mapping gives the leaf the required policy",
    );
    corpus.valid(mapped.policies(EXPLICIT_GOLD).expect_policies(&[GOLD]));
    let inhibited = case("policy-mapping-inhibited", "Mapping is inhibited");
    corpus.invalid(inhibited.policies(Policies {
        inhibit_mapping: true,
        ..EXPLICIT_GOLD
    }));

    let id = "policy-mapping-inhibited-above";
    let upper = any_above(id).with(inhibit_policy_mapping(0));
    let title = "A mapping below a CA that inhibits it";
    let lower = gold(intermediate(id)).with(policy_mapping(GOLD, SILVER));
    let case = three(world, id, title, upper, lower, silver(id));
    corpus.invalid(case.policies(EXPLICIT_GOLD));
    let id = "policy-mapping-any";
    let ca = gold(intermediate(id)).with(policy_mapping(ANY_POLICY, SILVER));
    let case = world.below_with(id, "A mapping of anyPolicy", ca, gold(leaf(id)));
    corpus.invalid(case.policies(EXPLICIT_GOLD));
}

fn demanded_by_authorities(corpus: &mut Corpus, world: &World) {
    let demanding = || gold(Template::ca("policy/demanding")).with(require_explicit_policy(0));
    let id = "policy-demanded";
    let title = "A CA requires a policy, and the leaf has it";
    corpus.valid(world.below_with(id, title, demanding(), gold(leaf(id))));
    let id = "policy-demanded-absent";
    let title = "A CA requires a policy, and the leaf has none";
    corpus.invalid(world.below_with(id, title, demanding(), leaf(id)));
}

fn malformed(corpus: &mut Corpus, world: &World) {
    let id = "policy-malformed";
    let bare = Extension::new(CERTIFICATE_POLICIES, sequence(&[oid(GOLD)]));
    let title = "A PolicyInformation that is an identifier without a SEQUENCE";
    corpus.invalid(world.client(id, title, leaf(id).with(bare)));
}
