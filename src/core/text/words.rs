//! Cutting text into the words of full-text search.
//!
//! The two engines bring tokenizers of their own, which differ from each other and know neither
//! identifiers nor scripts without spaces. So text is cut here, once, and what either index is given
//! are words between single spaces: at most 64 characters each, of `a` to `z`, `0` to `9`, and
//! letters, digits, marks, emoji and `·` above U+007F. An index must split at the spaces and do
//! nothing else. FTS5 does with `tokenize='ascii'`; on the other engine the `tsvector` is made of the
//! words themselves, as a text search configuration would cut them again.
//!
//! What is done, in order:
//!
//! 1. Compatibility forms are composed (NFKC, UAX #15); marks that writers omit, joiners and other
//!    invisible characters go; digits become ASCII.
//! 2. Text is split where the kind of script changes: `Rust言語` is two runs.
//! 3. *Scripts with spaces* are folded (lower case, no accents), stemmed where they are ASCII
//!    letters (Snowball English), and cut into pieces as well where they are compounds: see
//!    `compound.rs`.
//! 4. *Scripts without spaces* become overlapping pairs, and single characters so that one finds. A
//!    query has only the pairs, and the characters that stand alone between kana or particles (`猫`
//!    in `猫が好き`).
//! 5. *Korean* becomes the whole word, the word without its particle, and pairs of syllables; in a
//!    query, pairs without the particle.
//! 6. An emoji is a word.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use super::affixes::{is_stop, without_article, without_particle, without_plural};
use super::compound::Compound;
use super::scripts::{Kind, bounds, is_content, normal};
use super::segment::dot_net;

/// Words that a query is cut into at most; more would cost time and find nothing better.
const MOST: usize = 64;

/// Syllables of the longest Korean run that is a word as a whole.
const MOST_SYLLABLES: usize = 8;

/// Characters that a word keeps; the rest of a longer one is left out.
const LONGEST: usize = 64;

/// What the words are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be found: every form.
    Index,
    /// To find: the forms that tell something.
    Search,
}

/// What a word of a query is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Looked for.
    Content,
    /// A stop word, looked for only when nothing else is left.
    Function,
}

/// How a joined word is emitted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Written,
    Stemmed,
    /// As written and, where that differs, stemmed.
    Both,
}

/// Where cut words go.
pub(super) struct Words<F> {
    emit: F,
    purpose: Purpose,
    stemmer: Stemmer,
}

impl<F: FnMut(&str, Role)> Words<F> {
    fn new(purpose: Purpose, emit: F) -> Words<F> {
        Words { emit, purpose, stemmer: Stemmer::create(Algorithm::English) }
    }

    /// A word that is kept as it is.
    fn plain(&mut self, word: &str) {
        let word = first(word, LONGEST);
        let role = self.role(word);
        (self.emit)(word, role);
    }

    /// A word of a script with spaces, in lower case.
    pub(super) fn word(&mut self, word: &str) {
        let word = first(word, LONGEST);
        let role = self.role(word);
        if is_english(word) {
            let stem = self.stem(word);
            (self.emit)(&stem, role);
        } else if let [b'0', b'0'..=b'9'] = word.as_bytes() {
            // A day or month is found with and without its leading zero.
            (self.emit)(&word[1..], role);
        } else {
            (self.emit)(without_article(word), role);
        }
    }

    /// One piece of a compound. A lone letter or digit of it finds too much to be looked for.
    pub(super) fn piece(&mut self, word: &str) {
        if self.purpose == Purpose::Index || word.len() > 1 {
            self.word(word);
        }
    }

    /// Pieces of a compound, joined.
    pub(super) fn joined(&mut self, word: &str, form: Form) {
        let word = first(word, LONGEST);
        let stems = form != Form::Written && is_english(word);
        if form != Form::Stemmed || !stems {
            (self.emit)(word, Role::Content);
        }
        if stems {
            let stem = self.stem(word);
            if form == Form::Stemmed || stem != word {
                (self.emit)(&stem, Role::Content);
            }
        }
    }

    /// The stem of an English word. A stop word is its own: to stem it takes time and finds
    /// nothing.
    fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        if word.len() < 3 || is_stop(word) {
            return Cow::Borrowed(word);
        }
        self.stemmer.stem(without_plural(word))
    }

    fn role(&self, word: &str) -> Role {
        if self.purpose == Purpose::Search && is_stop(word) {
            Role::Function
        } else {
            Role::Content
        }
    }

    /// A run of a script without spaces: its characters (with their marks) and every two
    /// neighbours.
    fn unspaced(&mut self, run: &str, kind: Kind) {
        let bounds = bounds(run);
        let last = bounds.len() - 2;
        let is_alone = |at: usize| {
            let is_content = |at: usize| run[bounds[at]..].chars().next().is_some_and(is_content);
            let is_cut_off =
                (at == 0 || !is_content(at - 1)) && (at == last || !is_content(at + 1));
            kind == Kind::Ideograph && is_content(at) && is_cut_off
        };
        for at in 0..=last {
            // A query looks for pairs. A character between particles is in no pair that means
            // anything.
            if self.purpose == Purpose::Index || last == 0 || is_alone(at) {
                self.plain(&run[bounds[at]..bounds[at + 1]]);
            }
            if at < last {
                self.plain(&run[bounds[at]..bounds[at + 2]]);
            }
        }
    }

    /// A Korean run: whole and without its particle unless it is long, and every two syllables.
    fn korean(&mut self, run: &str) {
        let bare = without_particle(run);
        let all = bounds(run);
        if all.len() - 1 <= MOST_SYLLABLES {
            self.plain(run);
        }
        let within = bounds(bare);
        if bare.len() < run.len() && within.len() != 3 && within.len() - 1 <= MOST_SYLLABLES {
            self.plain(bare);
        }
        // Pairs with the particle say nothing to a query; its whole word has been emitted.
        let paired = if self.purpose == Purpose::Index { &all } else { &within };
        if all.len() > 3 {
            for pair in paired.windows(3) {
                self.plain(&run[pair[0]..pair[2]]);
            }
        }
    }
}

/// The first `most` characters.
fn first(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

pub(super) fn is_english(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The words of a text in order, for an index, separated by single spaces.
///
/// Empty when the text holds none. Time and length are linear in the length of the text; a
/// character gives at most three words, counted after compatibility forms are written out.
pub fn document(text: &str) -> String {
    let mut document = String::with_capacity(text.len() + text.len() / 4);
    cut(text, Purpose::Index, |word, _| {
        if !document.is_empty() {
            document.push(' ');
        }
        document.push_str(word);
    });
    document
}

/// The distinct words to look for, in the order in which they first appear; at most 64.
///
/// Stop words are left out unless there is nothing else. Each is among the words of [`document`]
/// for the same text. Meant to be joined by *or*: a compound gives its whole and its pieces. Empty
/// when the text holds no word.
pub fn query(text: &str) -> Vec<String> {
    let mut content: Vec<String> = Vec::new();
    let mut function: Vec<String> = Vec::new();
    cut(text, Purpose::Search, |word, role| {
        let list = match role {
            Role::Content => &mut content,
            Role::Function => &mut function,
        };
        if list.len() < MOST && !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    });
    if content.is_empty() { function } else { content }
}

fn cut<F: FnMut(&str, Role)>(text: &str, purpose: Purpose, emit: F) {
    let text = normal(text);
    let mut words = Words::new(purpose, emit);
    let mut compound = Compound::default();
    let mut rest = &text[..];
    while let Some(c) = rest.chars().next() {
        let kind = Kind::of(c);
        let length = match kind {
            Kind::Break => match dot_net(rest) {
                Some(length) => {
                    words.plain("dotnet");
                    length
                }
                None => c.len_utf8(),
            },
            Kind::Word => compound.cut(rest, &mut words),
            Kind::Ideograph | Kind::Cluster | Kind::Hangul => {
                let run = run(rest, kind);
                if kind == Kind::Hangul {
                    words.korean(run);
                } else {
                    words.unspaced(run, kind);
                }
                run.len()
            }
            Kind::Pictograph => {
                words.plain(&rest[..c.len_utf8()]);
                c.len_utf8()
            }
            Kind::Flag => {
                let halves = rest.chars().take(2).take_while(|c| Kind::of(*c) == kind).count();
                let flag = &rest[..halves * c.len_utf8()];
                words.plain(flag);
                flag.len()
            }
        };
        rest = &rest[length..];
    }
}

/// The longest beginning of `text` that is all of one kind.
fn run(text: &str, kind: Kind) -> &str {
    &text[..text.find(|c| Kind::of(c) != kind).unwrap_or(text.len())]
}
