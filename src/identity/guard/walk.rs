//! Walks a JSON document in order, with a stack of its own: how deep it goes is the sender's
//! choice.

use std::iter::Enumerate;
use std::slice;

use serde_json::{Value, map};

/// A walk over a value and everything in it, each container before its content.
pub(super) struct Walk<'v> {
    /// Yet to be visited before anything else: the document itself.
    root: Option<&'v Value>,
    /// Visited last; its content is next.
    here: Option<&'v Value>,
    open: Vec<Children<'v>>,
    path: Vec<Step<'v>>,
}

impl<'v> Walk<'v> {
    pub(super) fn new(document: &'v Value) -> Self {
        Self { root: Some(document), here: None, open: Vec::new(), path: Vec::new() }
    }

    /// Goes to the next value; `None` at the end.
    pub(super) fn step(&mut self) -> Option<&'v Value> {
        if let Some(root) = self.root.take() {
            self.here = Some(root);
            return self.here;
        }
        match Children::of(self.here.take()?) {
            Some(children) => self.open.push(children),
            None => _ = self.path.pop(),
        }
        loop {
            if let Some((step, value)) = self.open.last_mut()?.next() {
                self.path.push(step);
                self.here = Some(value);
                return self.here;
            }
            self.open.pop();
            self.path.pop();
        }
    }

    /// The steps from the document to the value visited last.
    pub(super) fn path(&self) -> &[Step<'v>] {
        &self.path
    }

    /// The name of the value visited last, if it is a field.
    pub(super) fn name(&self) -> Option<&'v str> {
        match self.path.last() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }
}

/// One step down into a document.
pub(super) enum Step<'v> {
    Name(&'v str),
    Index(usize),
}

/// What is left to visit of an array or object.
enum Children<'v> {
    Fields(map::Iter<'v>),
    Items(Enumerate<slice::Iter<'v, Value>>),
}

impl<'v> Children<'v> {
    /// `None` for a value that has no children by its type.
    fn of(value: &'v Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self::Fields(fields.iter())),
            Value::Array(items) => Some(Self::Items(items.iter().enumerate())),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<(Step<'v>, &'v Value)> {
        match self {
            Self::Fields(fields) => fields.next().map(|(name, value)| (Step::Name(name), value)),
            Self::Items(items) => items.next().map(|(index, value)| (Step::Index(index), value)),
        }
    }
}
