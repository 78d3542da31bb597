//! Cutting long texts for a model that reads only so much of one.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::core::error::Result;

/// Words of a chunk. Longer ones blur: their vector is about everything in them.
const WORDS: usize = 110;

/// Words that a chunk shares with the one before it, so that no sentence is only ever seen in halves.
const SHARED: usize = 20;

/// Word pieces that it shares at most, which is what counts where there are no spaces.
const SHARED_PIECES: usize = 50;

/// Characters of a run without spaces that stay together.
const RUN: usize = 50;

/// A word, or a stretch of a long run.
struct Unit {
    within: Range<usize>,
    pieces: usize,
}

/// Cuts a text into overlapping chunks of about 110 words and at most `reach` word pieces.
///
/// `count` tells the word pieces of a part. A text that fits is one chunk, an empty one too, and every
/// word is in one of them. Where a script has no spaces, only the pieces count.
///
/// # Errors
/// Those of `count`.
pub fn chunks(
    text: &str,
    reach: usize,
    mut count: impl FnMut(&str) -> Result<usize>,
) -> Result<Vec<Range<usize>>> {
    let words = text.split_whitespace().take(WORDS + 1).count();
    if words <= WORDS && count(text)? <= reach {
        return Ok(vec![Range { start: 0, end: text.len() }]);
    }
    let mut units = Vec::new();
    for within in stretches(text) {
        units.push(Unit { pieces: count(&text[within.clone()])?, within });
    }
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < units.len() {
        let end = start + fitting(units[start..].iter(), WORDS, reach).max(1);
        chunks.push(units[start].within.start..units[end - 1].within.end);
        if end == units.len() {
            break;
        }
        let shared = fitting(units[start..end].iter().rev(), SHARED, SHARED_PIECES);
        start = (end - shared).max(start + 1);
    }
    Ok(chunks)
}

/// How many units fit in so many words and pieces.
fn fitting<'a>(units: impl Iterator<Item = &'a Unit>, words: usize, pieces: usize) -> usize {
    let mut total = 0;
    let fits = |unit: &&Unit| {
        total += unit.pieces;
        total <= pieces
    };
    units.take(words).take_while(fits).count()
}

/// The words of a text, long ones in stretches, by their places.
fn stretches(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let offset = word.as_ptr().addr() - text.as_ptr().addr();
        let (mut start, mut held) = (0, 0);
        for (at, c) in word.char_indices() {
            if held >= RUN && !is_combining_mark(c) {
                found.push(offset + start..offset + at);
                (start, held) = (at, 0);
            }
            held += 1;
        }
        found.push(offset + start..offset + word.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::chunks;

    /// A piece for each word and for each Chinese character.
    fn cut(text: &str) -> Vec<Range<usize>> {
        let count = |part: &str| {
            let wide = part.chars().filter(|c| !c.is_ascii()).count();
            Ok(if wide > 0 { wide } else { part.split_whitespace().count() })
        };
        chunks(text, 254, count).expect("chunks")
    }

    fn numbers(count: usize) -> String {
        (0..count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ") + " "
    }

    #[test]
    fn what_fits_is_one_chunk() {
        assert_eq!(cut(""), vec![Range { start: 0, end: 0 }]);
        assert_eq!(cut("a short text"), vec![Range { start: 0, end: 12 }]);
        assert_eq!(cut(numbers(110).trim()).len(), 1);
    }

    #[test]
    fn a_long_text_is_cut_at_words_and_shares_twenty() {
        let text = numbers(300);

        let chunks = cut(&text);

        let parts: Vec<Vec<&str>> =
            chunks.iter().map(|chunk| text[chunk.clone()].split(' ').collect()).collect();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [110, 110, 110, 30]);
        assert_eq!(parts[0][90..], parts[1][..20]);
        assert_eq!(parts.last().and_then(|part| part.last()), Some(&"w299"));
    }

    #[test]
    fn a_script_without_spaces_is_cut_by_its_pieces() {
        let text = "备份每天凌晨两点开始".repeat(100);

        let chunks = cut(&text);

        assert!(chunks.len() > 3);
        assert!(chunks.iter().all(|chunk| text[chunk.clone()].chars().count() <= 254));
        assert!(chunks.windows(2).all(|two| two[1].start < two[0].end));
        assert_eq!(chunks.last().map(|chunk| chunk.end), Some(text.len()));
    }

    #[test]
    fn a_unit_of_more_pieces_than_the_reach_is_a_chunk_of_its_own() {
        let found = chunks("one two three", 5, |part| Ok(part.len() * 10)).expect("chunks");

        assert_eq!(found, [0..3, 4..7, 8..13]);
    }
}
