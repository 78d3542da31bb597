//! The strategy as a tree: what stands where, what of it is shown, and how much is to be done below.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::task::TaskStatus;
use crate::core::id::NodeId;

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub id: NodeId,
    pub parent: Option<NodeId>,
}

/// A node of the part that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub id: NodeId,
    /// How far below where the reader began, from 0.
    pub depth: usize,
    /// How many nodes right below it aren't shown.
    pub left_out: usize,
}

/// How many tasks there are of each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct Counts {
    #[serde(skip_serializing_if = "is_zero")]
    pub planned: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub in_progress: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub in_review: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub done: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub blocked: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub cancelled: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Counts more tasks of a status.
    pub fn add(&mut self, status: TaskStatus, count: u64) {
        *match status {
            TaskStatus::Planned => &mut self.planned,
            TaskStatus::InProgress => &mut self.in_progress,
            TaskStatus::InReview => &mut self.in_review,
            TaskStatus::Done => &mut self.done,
            TaskStatus::Blocked => &mut self.blocked,
            TaskStatus::Cancelled => &mut self.cancelled,
        } += count;
    }
}

/// The tree.
#[derive(Debug, Default)]
pub struct Tree {
    parents: HashMap<NodeId, Option<NodeId>>,
    below: HashMap<Option<NodeId>, Vec<NodeId>>,
}

impl Tree {
    /// The tree of these places; nodes of one parent keep their order.
    #[must_use]
    pub fn of(places: &[Place]) -> Self {
        let mut tree = Self::default();
        for place in places {
            tree.parents.insert(place.id, place.parent);
            tree.below.entry(place.parent).or_default().push(place.id);
        }
        tree
    }

    /// The nodes right below one, or the topmost.
    #[must_use]
    pub fn below(&self, node: Option<NodeId>) -> &[NodeId] {
        self.below.get(&node).map_or(&[], Vec::as_slice)
    }

    /// A part of the tree, each node before those below it: from a node, or whole; to a depth from 0;
    /// at most `limit` nodes, the upper ones first.
    #[must_use]
    pub fn part(&self, from: Option<NodeId>, depth: usize, limit: usize) -> Vec<Shown> {
        let mut level: Vec<NodeId> = match from {
            Some(node) => vec![node],
            None => self.below(None).to_vec(),
        };
        let mut chosen: HashMap<NodeId, usize> = HashMap::new();
        let mut order = level.clone();
        for at in 0..=depth {
            level.truncate(limit.saturating_sub(chosen.len()));
            chosen.extend(level.iter().map(|node| (*node, at)));
            level = level.iter().flat_map(|node| self.below(Some(*node))).copied().collect();
        }
        // A stack: what is to come next lies at its end.
        order.reverse();
        let mut shown = Vec::with_capacity(chosen.len());
        while let Some(id) = order.pop() {
            let Some(depth) = chosen.get(&id).copied() else { continue };
            let below = self.below(Some(id));
            let left_out = below.iter().filter(|node| !chosen.contains_key(*node)).count();
            shown.push(Shown { id, depth, left_out });
            order.extend(below.iter().rev());
        }
        shown
    }

    /// The counts of each node with all that is below it, from those of each node alone. A count of
    /// no node is that of tasks which hang below none.
    #[must_use]
    pub fn sums(
        &self,
        alone: &[(Option<NodeId>, TaskStatus, u64)],
    ) -> BTreeMap<Option<NodeId>, Counts> {
        let mut sums: BTreeMap<Option<NodeId>, Counts> = BTreeMap::new();
        for (node, status, count) in alone {
            let mut at = *node;
            sums.entry(at).or_default().add(*status, *count);
            // No node is above itself, so the way up ends; a bound all the same.
            for _ in 0..self.parents.len() {
                let Some(above) = at.and_then(|node| self.parents.get(&node).copied().flatten())
                else {
                    break;
                };
                sums.entry(Some(above)).or_default().add(*status, *count);
                at = Some(above);
            }
        }
        sums
    }
}

/// The nodes of one parent once one of them is put at a place, from 0; at the end where none is given.
#[must_use]
pub fn placed(siblings: &[NodeId], node: NodeId, position: Option<usize>) -> Vec<NodeId> {
    let mut order: Vec<NodeId> = siblings.iter().copied().filter(|id| *id != node).collect();
    order.insert(position.unwrap_or(order.len()).min(order.len()), node);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;

    /// A root with two nodes below it, the first of which has two of its own; and another root.
    struct Family {
        root: NodeId,
        first: NodeId,
        second: NodeId,
        inner: [NodeId; 2],
        other: NodeId,
        tree: Tree,
    }

    fn family() -> Family {
        let ids = Ids::default();
        let [root, first, second, one, two, other] =
            std::array::from_fn(|_| ids.next(Timestamp::from_millis(1)));
        let at = |id, parent| Place { id, parent };
        let tree = Tree::of(&[
            at(root, None),
            at(other, None),
            at(first, Some(root)),
            at(second, Some(root)),
            at(one, Some(first)),
            at(two, Some(first)),
        ]);
        Family { root, first, second, inner: [one, two], other, tree }
    }

    fn part(family: &Family, from: Option<NodeId>) -> Vec<(NodeId, usize)> {
        let part = family.tree.part(from, 9, 100);
        part.iter().map(|shown| (shown.id, shown.depth)).collect()
    }

    #[test]
    fn a_part_goes_down_before_it_goes_on() {
        let all = family();

        let whole = part(&all, None);
        let below = part(&all, Some(all.first));

        let [one, two] = all.inner;
        let inner = [(all.root, 0), (all.first, 1), (one, 2), (two, 2)];
        assert_eq!(whole, [&inner[..], &[(all.second, 1), (all.other, 0)]].concat());
        assert_eq!(below, [(all.first, 0), (one, 1), (two, 1)]);
    }

    #[test]
    fn what_is_left_out_is_counted_where_it_would_stand() {
        let all = family();

        let shallow = all.tree.part(Some(all.root), 1, 100);
        let few = all.tree.part(Some(all.root), 9, 2);

        let left_out = |shown: &[Shown], id| {
            shown.iter().find(|shown| shown.id == id).map(|shown| shown.left_out)
        };
        let of_both = |shown: &[Shown]| (left_out(shown, all.root), left_out(shown, all.first));
        assert_eq!(of_both(&shallow), (Some(0), Some(2)));
        assert_eq!(of_both(&few), (Some(1), Some(2)));
        assert_eq!(left_out(&few, all.second), None);
    }

    #[test]
    fn a_count_is_also_that_of_every_node_above() {
        let all = family();
        let inner = all.inner[0];

        let sums = all.tree.sums(&[
            (Some(inner), TaskStatus::Done, 2),
            (Some(all.first), TaskStatus::Planned, 1),
            (None, TaskStatus::Blocked, 4),
        ]);

        assert_eq!(sums[&Some(all.root)], Counts { planned: 1, done: 2, ..Counts::default() });
        assert_eq!(sums[&Some(all.first)], sums[&Some(all.root)]);
        assert_eq!(sums[&Some(inner)], Counts { done: 2, ..Counts::default() });
        assert_eq!(sums[&None], Counts { blocked: 4, ..Counts::default() });
        assert_eq!(sums.get(&Some(all.other)), None);
    }

    #[test]
    fn a_node_is_put_at_its_place_among_the_others() {
        let Family { root, first, second, .. } = family();

        assert_eq!(placed(&[root, first], second, None), [root, first, second]);
        assert_eq!(placed(&[root, first], second, Some(0)), [second, root, first]);
        assert_eq!(placed(&[root, first, second], root, Some(1)), [first, root, second]);
        assert_eq!(placed(&[root, first, second], root, Some(99)), [first, second, root]);
        assert_eq!(placed(&[], root, Some(3)), [root]);
    }
}
