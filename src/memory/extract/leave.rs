//! What is left out: questions, requests of the moment, suppositions, greetings, talk about the talk.

/// Whether a sentence is of a kind that is never kept. `words` are those of the sentence, folded.
pub(super) fn is_left_out(sentence: &str, words: &str) -> bool {
    sentence.starts_with("```")
        || sentence.starts_with('>')
        || sentence.starts_with('|')
        || is_question(sentence, words)
        || is_supposed(words)
        || is_small_talk(words)
        || is_vague(words)
}

/// Whether any of the phrases stands among the words.
pub(super) fn any(words: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        words.match_indices(phrase).any(|(at, _)| {
            words[..at].ends_with(' ') && words[at + phrase.len()..].starts_with(' ')
        })
    })
}

/// Whether the words begin with any of the phrases, what only leads in to a sentence aside.
pub(super) fn begins(words: &str, phrases: &[&str]) -> bool {
    let words = led_in(words);
    phrases
        .iter()
        .any(|phrase| words.strip_prefix(phrase).is_some_and(|rest| rest.starts_with(' ')))
}

/// The words without what only leads in to a sentence.
pub(super) fn led_in(words: &str) -> &str {
    let mut rest = words.trim_start();
    while let Some(shorter) = LEADS
        .iter()
        .find_map(|lead| rest.strip_prefix(lead).and_then(|rest| rest.strip_prefix(' ')))
    {
        rest = shorter;
    }
    rest
}

const LEADS: [&str; 33] = [
    "well",
    "so",
    "oh",
    "hey",
    "hi",
    "hello",
    "ok",
    "okay",
    "btw",
    "by the way",
    "actually",
    "also",
    "and",
    "but",
    "yeah",
    "yes",
    "no",
    "anyway",
    "fyi",
    "just so you know",
    "for the record",
    "honestly",
    "basically",
    "as i said",
    "right",
    "sure",
    "thanks",
    "ah",
    "then",
    "plus",
    "sorry",
    "it turns out",
    "it turned out",
];

fn is_question(sentence: &str, words: &str) -> bool {
    let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?' && c != '？');
    if end.ends_with(['?', '？']) {
        return true;
    }
    let mut first = led_in(words).split(' ');
    let (one, two) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let verbs = [
        "is", "are", "was", "were", "do", "does", "did", "can", "could", "would", "will", "should",
        "has", "have", "had", "about", "many", "much", "come", "may", "shall", "am",
    ];
    let subjects = [
        "you", "i", "we", "he", "she", "it", "they", "there", "this", "that", "the", "anyone",
        "anybody", "someone", "my", "your", "our", "these", "those",
    ];
    match one {
        "what" | "who" | "where" | "why" | "how" | "which" | "when" | "whose" | "what's"
        | "who's" | "where's" | "how's" => {
            verbs.contains(&two)
                || one.ends_with("'s")
                || ["why", "which", "whose", "what", "who"].contains(&one)
        }
        _ => verbs.contains(&one) && subjects.contains(&two),
    }
}

/// What might be, and isn't said to be.
fn is_supposed(words: &str) -> bool {
    const SUPPOSED: [&str; 34] = [
        "suppose",
        "supposing",
        "imagine",
        "let's say",
        "what if",
        "hypothetically",
        "in theory",
        "if i",
        "if we",
        "if you",
        "if it",
        "if they",
        "if he",
        "if she",
        "if there",
        "if only",
        "might",
        "maybe",
        "perhaps",
        "i wonder",
        "i'm wondering",
        "say i",
        "as if",
        "i wish",
        "could have",
        "would have",
        "should have",
        "would be",
        "could be",
        "i could",
        "we could",
        "assume",
        "assuming",
        "pretend",
    ];
    // What must always be done if something happens is no supposition.
    let is_rule = any(words, &["always", "never", "must"]) && !any(words, &["suppose", "imagine"]);
    !is_rule && (any(words, &SUPPOSED) || begins(words, &["if", "unless"]))
}

fn is_small_talk(words: &str) -> bool {
    let count = |words: &str| words.split(' ').filter(|word| !word.is_empty()).count();
    let rest = led_in(words);
    let begins_so = |words: &str| {
        TALK.iter().any(|talk| words.strip_prefix(talk).is_some_and(|rest| rest.starts_with(' ')))
    };
    let is_introduction =
        ["i'm ", "i am ", "my ", "call me "].iter().any(|own| rest.starts_with(own));
    count(words) < 3 && !is_introduction
        || begins_so(words.trim_start()) && count(rest) < 3 && !is_introduction
        || begins_so(rest)
        || any(words, &ABOUT_THE_TALK)
}

/// What is said to be polite, or to go on.
const TALK: [&str; 62] = [
    "thanks",
    "thank you",
    "thx",
    "hello",
    "hi",
    "hey",
    "good morning",
    "good afternoon",
    "good evening",
    "good night",
    "how are you",
    "nice to meet",
    "bye",
    "goodbye",
    "see you",
    "talk to you",
    "great",
    "cool",
    "awesome",
    "perfect",
    "nice",
    "sounds good",
    "lol",
    "haha",
    "sure",
    "you're welcome",
    "sorry",
    "congratulations",
    "congrats",
    "makes sense",
    "i see",
    "got it",
    "i understand",
    "no problem",
    "i agree",
    "i think so",
    "i hope you",
    "have a nice",
    "have a good",
    "have fun",
    "good luck",
    "happy birthday",
    "take care",
    "no worries",
    "never mind",
    "nevermind",
    "exactly",
    "of course",
    "absolutely",
    "wow",
    "oh no",
    "that's",
    "good idea",
    "good point",
    "i guess so",
    "i'm sorry",
    "i am sorry",
    "i don't know",
    "i have no idea",
    "i'm not sure",
    "i am not sure",
    "just kidding",
];

/// What is said of the conversation and of who answers in it.
const ABOUT_THE_TALK: [&str; 24] = [
    "you are",
    "you're",
    "you said",
    "you told",
    "you mentioned",
    "you were",
    "you did",
    "you have",
    "you've",
    "your answer",
    "your response",
    "your help",
    "your last",
    "your previous",
    "your suggestion",
    "your question",
    "what you",
    "as an ai",
    "this conversation",
    "this chat",
    "i have a question",
    "i have another question",
    "quick question",
    "let me know",
];

/// What can't be understood without what came before it.
fn is_vague(words: &str) -> bool {
    begins(
        words,
        &[
            "that",
            "this",
            "those",
            "these",
            "it",
            "it's",
            "that's",
            "there you go",
            "same here",
            "me too",
            "not really",
        ],
    ) || any(
        words,
        &[
            "like it",
            "love it",
            "hate it",
            "like that",
            "love that",
            "hate that",
            "prefer that",
            "do that",
            "like this",
            "love this",
            "prefer it",
        ],
    )
}
