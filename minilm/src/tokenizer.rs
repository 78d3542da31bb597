//! From text to the numbers of word pieces, as the uncased BERT models were trained with.
//!
//! In order: control characters go and white space becomes spaces; Chinese characters stand alone;
//! accents go (canonical decomposition, then no marks) and letters become lower case; words end at
//! spaces, and every punctuation mark is a word; a word is then cut into the longest pieces that the
//! vocabulary has, from its beginning. Categories are those of the current Unicode, so marks and
//! punctuation that are younger than the model are treated like the older ones. Names of special
//! tokens in a text (`[SEP]`) are text: nobody can end a statement early by writing one.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::PackError;

/// A longer word is unknown as a whole.
const LONGEST_WORD: usize = 100;

/// What stands before a piece that continues a word.
const CONTINUES: &str = "##";

/// The vocabulary and an index of it.
pub(crate) struct Tokenizer {
    text: Vec<u8>,
    /// Where each piece begins; one more for the end of the last.
    starts: Vec<u32>,
    /// Open addressing by hash; 0 is empty, else the number of a piece plus one.
    slots: Vec<u32>,
    unknown: u32,
    first: u32,
    last: u32,
}

impl Tokenizer {
    /// Reads a vocabulary: pieces by their number, one a line.
    pub(crate) fn new(text: Vec<u8>, count: usize) -> Result<Tokenizer, PackError> {
        if std::str::from_utf8(&text).is_err() || text.last() != Some(&b'\n') {
            return Err(PackError::Damaged);
        }
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let mut starts = vec![0];
        for (end, _) in ends {
            starts.push(u32::try_from(end + 1).map_err(|_| PackError::Damaged)?);
        }
        if starts.len() != count + 1 {
            return Err(PackError::Damaged);
        }
        let slots = vec![0; (count * 2).next_power_of_two()];
        let mut made = Tokenizer { text, starts, slots, unknown: 0, first: 0, last: 0 };
        for number in 0..count {
            let slot = made.slot(made.piece(number), &[]);
            made.slots[slot] = u32::try_from(number + 1).map_err(|_| PackError::Damaged)?;
        }
        let special = |name: &str| made.number("", name).ok_or(PackError::Damaged);
        (made.unknown, made.first, made.last) =
            (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(made)
    }

    /// The numbers of a text's pieces between the two that mark its ends, at most `most` of all.
    pub(crate) fn encode(&self, text: &str, most: usize) -> Vec<u32> {
        let mut numbers = vec![self.first];
        let room = most.saturating_sub(1);
        words(text, |word| {
            self.cut(word, &mut numbers);
            numbers.len() < room
        });
        numbers.truncate(room);
        numbers.push(self.last);
        numbers
    }

    /// Cuts one word into the longest known pieces.
    fn cut(&self, word: &str, numbers: &mut Vec<u32>) {
        let before = numbers.len();
        if word.chars().nth(LONGEST_WORD).is_some() {
            return numbers.push(self.unknown);
        }
        let mut start = 0;
        while start < word.len() {
            let lead = if start == 0 { "" } else { CONTINUES };
            let mut ends =
                word[start..].char_indices().rev().map(|(at, c)| start + at + c.len_utf8());
            let longest = ends.find_map(|end| Some((end, self.number(lead, &word[start..end])?)));
            let Some((end, number)) = longest else {
                numbers.truncate(before);
                return numbers.push(self.unknown);
            };
            numbers.push(number);
            start = end;
        }
    }

    /// The number of a piece that is written in two parts.
    fn number(&self, lead: &str, rest: &str) -> Option<u32> {
        self.slots[self.slot(lead.as_bytes(), rest.as_bytes())].checked_sub(1)
    }

    /// Where a piece stands in the index, or the empty place where it would.
    fn slot(&self, lead: &[u8], rest: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(lead, rest) & mask;
        while let Some(number) = self.slots[slot].checked_sub(1) {
            let there = self.piece(number as usize);
            if there.len() == lead.len() + rest.len()
                && there.starts_with(lead)
                && there.ends_with(rest)
            {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn piece(&self, number: usize) -> &[u8] {
        let (start, end) = (self.starts[number] as usize, self.starts[number + 1] as usize - 1);
        &self.text[start..end]
    }
}

/// FNV-1a, folded so that the low bits depend on all.
fn hash(lead: &[u8], rest: &[u8]) -> usize {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = lead.iter().chain(rest).fold(0xcbf2_9ce4_8422_2325, step);
    usize::try_from((hash ^ (hash >> 32)) & 0xffff_ffff).unwrap_or(0)
}

/// Hands each word of a text on, in order, for as long as `next` says so.
fn words(text: &str, mut next: impl FnMut(&str) -> bool) {
    let mut word = String::new();
    for c in text.chars().filter(|c| !is_dropped(*c)) {
        let is_alone = is_chinese(c);
        if (c.is_whitespace() || is_alone) && !hand_on(&mut word, &mut next) {
            return;
        }
        if c.is_whitespace() {
            continue;
        }
        word.push(c);
        if is_alone && !hand_on(&mut word, &mut next) {
            return;
        }
    }
    hand_on(&mut word, &mut next);
}

/// Folds what stands between two spaces, cuts it at punctuation, hands it on and clears it.
fn hand_on(word: &mut String, next: &mut impl FnMut(&str) -> bool) -> bool {
    if word.is_empty() {
        return true;
    }
    let folded: String = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        let bare = word.nfd().filter(|c| c.general_category() != GeneralCategory::NonspacingMark);
        bare.flat_map(char::to_lowercase).collect()
    };
    word.clear();
    let mut start = 0;
    for (at, c) in folded.char_indices().filter(|(_, c)| is_punctuation(*c)) {
        let end = at + c.len_utf8();
        let is_wanted = (at == start || next(&folded[start..at])) && next(&folded[at..end]);
        if !is_wanted {
            return false;
        }
        start = end;
    }
    start == folded.len() || next(&folded[start..])
}

/// Controls, formats, private use and what stands for an unreadable character.
fn is_dropped(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    }
    c == char::REPLACEMENT_CHARACTER
        || matches!(
            c.general_category(),
            GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::PrivateUse
        )
}

fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    c.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// The blocks of Chinese characters that the models were trained with; neither kana nor hangul.
fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}
