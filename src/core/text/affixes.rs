//! The few affixes that are taken off before a word is stored or looked for, and the words that a
//! query can do without. English stems come from the Snowball English stemmer (Porter2), not from
//! here.

use super::scripts::is_apostrophe;

/// The words of an Arabic noun without the article, with or without a one-letter particle before
/// it.
pub(super) fn without_article(word: &str) -> &str {
    let bare = ["وال", "بال", "كال", "فال", "ال", "لل"].iter().find_map(|a| word.strip_prefix(*a));
    // Two letters or fewer are more often a name or a verb than a noun that lost its article.
    bare.filter(|bare| bare.chars().nth(2).is_some()).unwrap_or(word)
}

/// Korean particles, longest first, and what the syllable before each ends in.
const PARTICLES: [(&str, Ending); 22] = [
    ("에서는", Ending::Any),
    ("에서도", Ending::Any),
    ("에서", Ending::Any),
    ("에게", Ending::Any),
    ("까지", Ending::Any),
    ("부터", Ending::Any),
    ("처럼", Ending::Any),
    ("보다", Ending::Any),
    ("에는", Ending::Any),
    ("으로", Ending::Consonant),
    ("은", Ending::Consonant),
    ("이", Ending::Consonant),
    ("을", Ending::Consonant),
    ("과", Ending::Consonant),
    ("는", Ending::Vowel),
    ("가", Ending::Vowel),
    ("를", Ending::Vowel),
    ("로", Ending::Vowel),
    ("와", Ending::Vowel),
    ("의", Ending::Any),
    ("에", Ending::Any),
    ("도", Ending::Any),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Any,
    Consonant,
    Vowel,
}

/// A Korean word without the particle at its end; the word itself when it has none.
pub(super) fn without_particle(word: &str) -> &str {
    let bare = PARTICLES.iter().find_map(|(particle, ending)| {
        let bare = word.strip_suffix(particle)?;
        let syllable = u32::from(bare.chars().next_back()?).checked_sub(0xAC00)?;
        // A syllable block is (initial × 21 + vowel) × 28 + final, the Hangul Syllables chart says.
        let is_closed = syllable % 28 != 0;
        let fits = match ending {
            Ending::Any => true,
            Ending::Consonant => is_closed,
            Ending::Vowel => !is_closed,
        };
        fits.then_some(bare)
    });
    bare.unwrap_or(word)
}

/// A word with apostrophes in it, without what English, French and Italian put before or after
/// them: `John's` and `we've` → `John`, `we`; `l'eau` → `eau`. `don't` and `O'Brien` stay.
pub(super) fn without_clitics(word: &str) -> &str {
    let mut bare = word;
    if let Some(at) = bare.rfind(is_apostrophe)
        && is_any(bare[at..].trim_start_matches(is_apostrophe), &["s", "d", "ll", "re", "ve", "m"])
    {
        bare = &bare[..at];
    }
    if let Some(at) = bare.find(is_apostrophe)
        && is_any(&bare[..at], &ELISIONS)
    {
        bare = bare[at..].trim_start_matches(is_apostrophe);
    }
    bare
}

/// What loses its vowel before an apostrophe, French and Italian.
const ELISIONS: [&str; 16] = [
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "dell", "all", "nell", "dall", "sull",
    "un",
];

fn is_any(word: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

/// An abbreviation without the `s` of its plural (`llms`, `prs`), which the stemmer takes for a
/// word without a vowel and leaves.
pub(super) fn without_plural(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(bare) if bare.len() > 1 && !bare.contains(['a', 'e', 'i', 'o', 'u', 'y', 's']) => bare,
        _ => word,
    }
}

/// The number of an English ordinal (`8th` → `8`), so that a date is found however it is written.
pub(super) fn without_ordinal(word: &str) -> &str {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && is_any(&word[digits.len()..], &["st", "nd", "rd", "th"]) {
        digits
    } else {
        word
    }
}

/// Whether a word, in lower case and before stemming, only holds a sentence together.
pub(super) fn is_stop(word: &str) -> bool {
    word.len() <= 16 && PACKED.binary_search(&packed(word)).is_ok()
}

/// The first sixteen bytes of a word as a number, ordered as the words are: every word of a text is
/// looked up, and numbers compare faster than text.
const fn packed(word: &str) -> u128 {
    let bytes = word.as_bytes();
    let mut packed = 0;
    let mut at = 0;
    while at < 16 {
        packed = packed << 8 | if at < bytes.len() { bytes[at] as u128 } else { 0 };
        at += 1;
    }
    packed
}

static PACKED: [u128; STOPS.len()] = {
    let mut all = [0; STOPS.len()];
    let mut at = 0;
    while at < STOPS.len() {
        all[at] = packed(STOPS[at]);
        assert!(at == 0 || all[at - 1] < all[at], "stop words are sorted by bytes");
        at += 1;
    }
    all
};

/// English function words, question words and auxiliaries (`may` is a month as well, and stays
/// out), contractions as they are folded, and the commonest of other languages where a pair of
/// characters or a particle would find everything. Sorted by bytes.
#[rustfmt::skip]
const STOPS: &[&str] = &[
    "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any",
    "are", "arent", "as", "at", "be", "because", "been", "before", "being", "below", "between",
    "both", "but", "by", "can", "cannot", "cant", "could", "couldnt", "das", "de", "der", "des",
    "did", "didnt", "do", "does", "doesnt", "doing", "done", "dont", "down", "during", "each",
    "ein", "eine", "either", "el", "else", "est", "et", "ever", "few", "for", "from", "further",
    "had", "hadnt", "has", "hasnt", "have", "havent", "having", "he", "her", "here", "hers",
    "herself", "him", "himself", "his", "how", "however", "i", "if", "im", "in", "into", "is",
    "isnt", "ist", "it", "its", "itself", "ive", "just", "las", "le", "les", "los", "many", "me",
    "more", "most", "much", "must", "my", "myself", "neither", "no", "nor", "not", "of", "off",
    "on", "once", "only", "onto", "or", "other", "our", "ours", "ourselves", "out", "over", "own",
    "please", "rather", "same", "shall", "she", "should", "shouldnt", "since", "so", "some",
    "such", "than", "that", "thats", "the", "their", "theirs", "them", "themselves", "then",
    "there", "these", "they", "this", "those", "though", "through", "to", "too", "und", "under",
    "une", "until", "up", "upon", "us", "very", "was", "wasnt", "we", "were", "werent", "what",
    "whats", "when", "where", "whether", "which", "while", "who", "whom", "whose", "why", "will",
    "with", "within", "without", "wont", "would", "wouldnt", "yet", "you", "your", "yours",
    "yourself", "yourselves", "いつ", "から", "した", "して", "する", "だれ", "です", "では", "どこ", "には", "ます",
    "まで", "了", "什么", "什麼", "他", "你", "吗", "吧", "呢", "哪里", "嗎", "她", "它", "年", "怎么", "怎麼", "我", "日",
    "是", "月", "的", "誰", "谁", "가", "과", "년", "누가", "누구", "는", "니다", "도", "떻게", "로", "를", "무엇", "습니",
    "어디", "어떻", "언제", "에", "에서", "와", "왜", "월", "으로", "은", "을", "의", "이", "일", "입니", "합니",
];
