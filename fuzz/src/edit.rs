//! Edits of DER that keep the lengths right.
//!
//! If bytes are flipped at random, the outermost length is usually wrong, and nothing else is
//! parsed. Here an element anywhere in the tree is replaced, doubled, dropped or given another tag,
//! and all lengths around it are corrected.

use portcullis_testkit::der::{split, tlv};

use crate::input::Input;

/// How deep elements are looked for, also inside the OCTET STRINGs of extensions.
const MAX_DEPTH: usize = 24;
/// The most elements that an edit can address.
const MAX_NODES: usize = 2_000;

/// An element of the tree.
#[derive(Clone, Debug)]
struct Node {
    tag: u8,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Leaf(Vec<u8>),
    /// Octets before the elements (the count of unused bits of a BIT STRING), and the elements.
    Tree(Vec<u8>, Vec<Node>),
}

/// Applies as many edits as the input says. Input that is not DER is returned unchanged.
pub fn edited(der: &[u8], input: &mut Input<'_>) -> Vec<u8> {
    let edits = input.below(4);
    if edits == 0 {
        return der.to_vec();
    }
    let Some(mut nodes) = parse(der, 0) else {
        return der.to_vec();
    };
    for _ in 0..edits {
        let count = nodes.iter().map(size).sum::<usize>().min(MAX_NODES);
        let mut place = input.below(count);
        apply(&mut nodes, &mut place, input);
    }
    let mut out = Vec::new();
    nodes.iter().for_each(|node| write(node, &mut out));
    out
}

fn parse(mut der: &[u8], depth: usize) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    while !der.is_empty() {
        let (tag, content, rest) = split(der)?;
        der = rest;
        let tree = |before: usize| {
            let (prefix, inside) = content.split_at_checked(before)?;
            let nodes = parse(inside, depth + 1).filter(|nodes| !nodes.is_empty())?;
            Some(Body::Tree(prefix.to_vec(), nodes))
        };
        let body = match tag {
            _ if depth >= MAX_DEPTH => None,
            0x03 => tree(1),
            _ if tag & 0x20 != 0 || tag == 0x04 => tree(0),
            _ => None,
        };
        let body = body.unwrap_or_else(|| Body::Leaf(content.to_vec()));
        nodes.push(Node { tag, body });
    }
    Some(nodes)
}

fn size(node: &Node) -> usize {
    match &node.body {
        Body::Leaf(_) => 1,
        Body::Tree(_, nodes) => 1 + nodes.iter().map(size).sum::<usize>(),
    }
}

/// Edits the node with this number, in the order of the encoding.
fn apply(nodes: &mut Vec<Node>, place: &mut usize, input: &mut Input<'_>) -> bool {
    for i in 0..nodes.len() {
        if *place == 0 {
            edit(nodes, i, input);
            return true;
        }
        *place -= 1;
        if let Body::Tree(_, inner) = &mut nodes[i].body
            && apply(inner, place, input)
        {
            return true;
        }
    }
    false
}

fn edit(nodes: &mut Vec<Node>, i: usize, input: &mut Input<'_>) {
    match input.below(7) {
        0 => nodes[i].body = Body::Leaf(input.short().to_vec()),
        1 => nodes[i].tag = input.byte(),
        2 => drop(nodes.remove(i)),
        3 => nodes.insert(i, nodes[i].clone()),
        4 => {
            let other = input.below(nodes.len());
            nodes.swap(i, other);
        }
        5 => {
            let (at, with) = (input.u16(), input.byte());
            let octets = match &mut nodes[i].body {
                Body::Leaf(octets) | Body::Tree(octets, _) => octets,
            };
            match octets.len() {
                0 => octets.push(with),
                n => octets[usize::from(at) % n] = with,
            }
        }
        _ => {
            let times = input.below(64);
            let node = nodes[i].clone();
            nodes.splice(i..i, std::iter::repeat_n(node, times));
        }
    }
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match &node.body {
        Body::Leaf(octets) => out.extend(tlv(node.tag, octets)),
        Body::Tree(prefix, nodes) => {
            let mut content = prefix.clone();
            nodes.iter().for_each(|node| write(node, &mut content));
            out.extend(tlv(node.tag, &content));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_is_not_edited_is_written_as_it_was() {
        for der in crate::samples::certificates() {
            let nodes = parse(der, 0).unwrap();
            let mut out = Vec::new();
            nodes.iter().for_each(|node| write(node, &mut out));
            assert_eq!(&out, der);
        }
    }

    #[test]
    fn lengths_follow_an_edit() {
        let der = tlv(0x30, &[tlv(4, &tlv(0x30, &[2, 1, 5])), vec![5, 0]].concat());
        // One edit of the fourth element, the INTEGER: its content becomes two octets.
        let edited = edited(&der, &mut Input::new(&[1, 3, 0, 2, 7, 7]));
        let expected = tlv(
            0x30,
            &[tlv(4, &tlv(0x30, &[2, 2, 7, 7])), vec![5, 0]].concat(),
        );
        assert_eq!(edited, expected);
    }
}
