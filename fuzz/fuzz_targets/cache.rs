//! The caches of verdicts against a simple model, and sealed verdicts that were changed.
//!
//! The fuzzer chooses operations, clients and times. Both caches must do what the model does. A
//! sealed verdict is refused unless it is exactly what was sealed for this client.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use portcullis::cache::{CacheKey, CacheOptions, Sealing, SealingKey};
use portcullis::revocation::{RevocationFlag, RevocationMode};
use portcullis::{Certificate, Presented, TrustMode, TrustStore, Validator};
use portcullis_fuzz::input::Input;
use portcullis_fuzz::samples;
use portcullis_fuzz::scenario::NOW;
use portcullis_fuzz::stub::Stub;

#[path = "../../tests/support/cache_model.rs"]
mod model;

use model::{Bounds, Operation, Scene, Step, Who, agree};

/// The most operations of an input. More have found nothing new.
const MAX_STEPS: usize = 300;

static SCENE: LazyLock<Scene> = LazyLock::new(scene);

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    if input.flag() {
        seals(&mut input);
    } else {
        let bounds = bounds(&mut input);
        let steps = std::iter::from_fn(|| (!input.is_empty()).then(|| step(&mut input)));
        agree(&SCENE, bounds, steps.take(MAX_STEPS));
    }
});

/// Clients below a trusted root, with their intermediates and without, and below no trusted root.
fn scene() -> Scene {
    let read = |folder, wanted: &str| {
        let mut files = samples::files(folder).into_iter();
        let file = files.find(|(name, _)| name == wanted);
        file.map(|(_, pem)| pem).unwrap_or_default()
    };
    let root = Certificate::from_pem_bundle(&read("roots", "root")).expect("it parses");
    let store = TrustStore::anchoring_each(root);
    let builder = || {
        Validator::builder(TrustMode::CustomRootTrust(store.clone()))
            .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
            .provider(Arc::new(Stub { refused: 0 }))
    };
    let chain = |name| Presented::from_pem(&read("chains", name)).expect("it parses");
    let whole = chain("good-d2");
    let clients = vec![
        whole.clone(),
        Presented::new(whole.leaf().clone()),
        chain("good-d1"),
        chain("good-d3"),
        chain("junk-intermediates"),
        chain("missing-intermediate"),
        chain("time-leaf-expired"),
    ];
    let validators = [builder(), builder().max_intermediates(0)];
    let validators = validators.map(|builder| builder.build().expect("options are sound"));
    let scene = Scene::new(validators.into(), clients, NOW);
    let first = Who::of(&scene, [0; 3]);
    assert!(scene.verdict(first).is_ok(), "{:?}", scene.verdict(first));
    scene
}

fn bounds(input: &mut Input<'_>) -> Bounds {
    let flags = input.byte();
    Bounds {
        capacity: match input.byte() {
            room @ 0..=64 => room.into(),
            // Room for all of them, divided.
            _ => 1_000,
        },
        most: input.byte().into(),
        sliding: (flags & 1 != 0).then(|| input.byte().into()),
        clock_goes_back: flags & 2 != 0,
        thumbprint: flags & 4 != 0,
    }
}

fn step(input: &mut Input<'_>) -> Step {
    let operation = match input.byte() {
        0..=99 => Operation::Get,
        100..=219 => Operation::Put,
        220..=239 => Operation::Forget(input.byte().into()),
        240..=250 => Operation::ForgetEnded,
        _ => Operation::Clear,
    };
    Step {
        operation,
        who: [input.byte(), input.byte(), input.byte()],
        seconds: input.byte() as i8,
    }
}

/// A sealed verdict, edited and moved.
fn seals(input: &mut Input<'_>) {
    let scene = &*SCENE;
    let who = Who::of(scene, [input.byte(), input.byte(), input.byte()]);
    let other = Who::of(scene, [input.byte(), input.byte(), input.byte()]);
    let Ok(accepted) = scene.verdict(who) else {
        return;
    };
    let key = |who: Who| {
        let namespace: &[u8] = if who.namespace == 0 { b"a" } else { b"b" };
        let (validator, client) = (&scene.validators[who.validator], &scene.clients[who.client]);
        CacheKey::new(namespace, validator, client)
    };
    let sealing = Sealing::new(SealingKey::new(&[3; 32]).expect("it is long enough"));
    let sealed = sealing.seal(&key(who), accepted, NOW, &CacheOptions::default());
    let sealed = sealed.expect("it can be sealed").bytes;
    let mut edited = sealed.clone();
    while !input.is_empty() {
        let place = input.below(edited.len().max(1));
        match input.byte() % 3 {
            0 => edited.truncate(place),
            1 => edited.extend(input.short()),
            _ => {
                if let Some(octet) = edited.get_mut(place) {
                    *octet ^= input.byte();
                }
            }
        }
    }
    let same_leaf = scene.clients[who.client].leaf() == scene.clients[other.client].leaf();
    let is_same = (who.namespace, who.validator) == (other.namespace, other.validator);
    let is_intact = edited == sealed;
    let opened = sealing.open(&key(other), &edited, NOW);
    assert_eq!(opened.is_ok(), is_intact && is_same && same_leaf);
    if let Ok(opened) = opened {
        assert_eq!(opened.accepted.leaf(), accepted.leaf());
        assert_eq!(opened.accepted.not_after(), accepted.not_after());
        assert!(opened.accepted.certificates().eq(accepted.certificates()));
    }
}
