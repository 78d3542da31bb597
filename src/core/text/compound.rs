//! Words of scripts with spaces, and what is written together without them: identifiers, paths,
//! addresses, versions, dates.
//!
//! A *compound* is a chain of segments with a joint between each two. Joints bind more or less
//! tightly: `src/user_store.rs` is a path of `src` and of a dotted name, whose first half is glued
//! of two. At each level the whole is a word, and every two neighbours are one where there are
//! three or more, so that a query finds `get_user_name` by `getUserName`, `userName`, `user name`
//! and `username`.
//!
//! A joined word goes into the index as it is written and, where that differs, stemmed: the first
//! tells `getUsers` from `getUser`, the second lets `YouTube` and `e-mails` meet `youtube` and
//! `email`. What two texts spell apart (`user name`) isn't joined: it finds the pieces.

use std::ops::Range;

use super::affixes::{without_clitics, without_ordinal};
use super::scripts::fold;
use super::segment::{
    Joint, is_opaque, is_silent_inside, joint, language, length, turns, without_v,
};
use super::words::{Form, Role, Words, is_english};

/// Between the numbers of a version, a decimal, a time: 3.14 is not 314. Above U+007F, so that an
/// index which splits at ASCII punctuation keeps the word whole.
const MARK: char = '·';

struct Piece {
    range: Range<usize>,
    joint: Joint,
}

/// Reads one compound after the other; keeps its buffers.
#[derive(Default)]
pub(super) struct Compound {
    /// The pieces in lower case, without what was between them: any joined word is a slice of it.
    joined: String,
    pieces: Vec<Piece>,
}

impl Compound {
    /// Cuts the compound at the beginning of `text`, which is a letter or digit of a script with
    /// spaces; answers its length in bytes.
    pub(super) fn cut<F: FnMut(&str, Role)>(&mut self, text: &str, words: &mut Words<F>) -> usize {
        self.joined.clear();
        self.pieces.clear();

        let mut at = 0;
        let mut before = Joint::Path;
        loop {
            let segment = &text[at..at + length(&text[at..])];
            at += segment.len();
            if let Some((name, sign)) = language(segment, &text[at..]) {
                self.piece(name, before);
                at += sign;
            } else {
                self.segment(without_v(segment, &text[at..]), before);
            }
            let Some(found) = joint(text, at) else { break };
            if found.is_marked {
                self.joined.push(MARK);
            }
            at += found.length;
            before = found.joint;
        }

        match &self.pieces[..] {
            [] => {}
            [only] => words.word(&self.joined[only.range.clone()]),
            all => self.group(0..all.len(), Joint::Path, words),
        }
        at
    }

    /// Adds a segment in its pieces.
    fn segment(&mut self, segment: &str, mut joint: Joint) {
        // Most segments, and they have nothing to take apart.
        if segment.starts_with(|c: char| c.is_ascii_alphabetic()) && is_english(&segment[1..]) {
            return self.piece(segment, joint);
        }
        let segment = without_ordinal(without_clitics(segment));
        if is_opaque(segment) {
            return self.piece(segment, joint);
        }
        let mut start = 0;
        let mut before = None;
        for (at, c) in segment.char_indices() {
            if !is_silent_inside(c) {
                let after = &segment[at + c.len_utf8()..];
                if before.is_some_and(|before| turns(before, c, after)) {
                    self.piece(&segment[start..at], joint);
                    joint = Joint::Case;
                    start = at;
                }
                before = Some(c);
            }
        }
        self.piece(&segment[start..], joint);
    }

    fn piece(&mut self, piece: &str, joint: Joint) {
        let start = self.joined.len();
        if piece.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.joined.push_str(piece);
            self.joined[start..].make_ascii_lowercase();
        } else {
            for c in piece.chars().filter(|c| !is_silent_inside(*c)) {
                fold(c, &mut self.joined);
            }
        }
        if self.joined.len() > start {
            self.pieces.push(Piece { range: start..self.joined.len(), joint });
        }
    }

    /// Emits the pieces of `range`, which are joined no looser than `level`.
    fn group<F>(&self, range: Range<usize>, level: Joint, words: &mut Words<F>)
    where
        F: FnMut(&str, Role),
    {
        if range.len() == 1 {
            return words.piece(self.slice(&range));
        }
        let part = |start: usize| {
            let is_end = |at: &usize| self.pieces[*at].joint == level;
            start..(start + 1..range.end).find(is_end).unwrap_or(range.end)
        };
        let mut one = part(range.start);
        if one.end == range.end {
            return self.group(range, level.tighter(), words);
        }
        // Nobody inflects a path.
        let (whole, pair) = match level {
            Joint::Path => (Form::Written, Form::Written),
            _ => (Form::Both, Form::Stemmed),
        };
        words.joined(self.slice(&range), whole);
        let has_three = part(one.end).end < range.end;
        loop {
            self.group(one.clone(), level.tighter(), words);
            if one.end == range.end {
                break;
            }
            let other = part(one.end);
            if has_three {
                words.joined(self.slice(&(one.start..other.end)), pair);
            }
            one = other;
        }
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        &self.joined[self.pieces[range.start].range.start..self.pieces[range.end - 1].range.end]
    }
}
