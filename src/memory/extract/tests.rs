//! What is kept of what is said, sentence by sentence and conversation by conversation.

use super::*;
use crate::memory::fields::MemoryType::{
    Artifact, Commitment, Context, Decision, Error, Event, Fact, Goal, Instruction, Learning,
    Observation, Preference, Relationship,
};

const KEPT: [(&str, MemoryType); 78] = [
    ("My name is Ada Vance.", Fact),
    ("Hi, I'm Ada.", Fact),
    ("I live in Bergen with two cats.", Fact),
    ("I work as a nurse at the harbour clinic.", Fact),
    ("I'm allergic to peanuts.", Fact),
    ("I was born in Oslo.", Event),
    ("We use PostgreSQL 16 for the ledger.", Fact),
    ("My birthday is on 3 May.", Fact),
    ("The staging server listens on port 8443.", Fact),
    ("Nordwind has 40 employees.", Fact),
    ("Our office is in Tromsø.", Fact),
    ("I don't eat meat.", Fact),
    ("I'm vegetarian.", Fact),
    ("I'm a carpenter.", Fact),
    ("My dog is called Biscuit.", Fact),
    ("I have two kayaks in the garage.", Fact),
    ("I speak Norwegian and a little Finnish.", Fact),
    ("The licence expires on 31 December 2027.", Fact),
    ("I prefer tea over coffee.", Preference),
    ("I like my coffee black.", Preference),
    ("My favourite editor is Helix.", Preference),
    ("I can't stand early meetings.", Preference),
    ("I'd rather walk than drive.", Preference),
    ("Honestly, I love jazz.", Preference),
    ("We prefer small pull requests.", Preference),
    ("I hate cilantro.", Preference),
    ("Bo dislikes long calls.", Preference),
    ("We decided to use SQLite for the embedded mode.", Decision),
    ("I chose the blue logo.", Decision),
    ("We settled on Tuesdays for the review.", Decision),
    ("We're going with Rust for the parser.", Decision),
    ("The board approved the budget, we agreed on 20,000 euros.", Decision),
    ("We ruled out Kafka because of its cost.", Decision),
    ("I'll send the report by Friday.", Commitment),
    ("Sure, I'll book the room for Monday.", Commitment),
    ("I promised Nordwind an offer.", Commitment),
    ("The tax return is due on 30 April.", Commitment),
    ("I have to finish the slides by Thursday.", Commitment),
    ("We will publish the minutes on Monday.", Commitment),
    ("My goal is to run a marathon in spring.", Goal),
    ("I want to learn Finnish.", Goal),
    ("I'd love to visit Japan.", Goal),
    ("We plan to open source the client.", Goal),
    ("I'm saving up for a sailing boat.", Goal),
    ("I'm trying to sleep eight hours.", Goal),
    ("Always run the tests before you push.", Instruction),
    ("Never commit generated files.", Instruction),
    ("From now on, answer in German.", Instruction),
    ("Please always cite the source.", Instruction),
    ("Call me Bo.", Instruction),
    ("Every change must have a review.", Instruction),
    ("Remember that the demo account is read only.", Instruction),
    ("Don't use tabs in the Python files.", Instruction),
    ("If the build fails, always page the person on call.", Instruction),
    ("Answer in short sentences.", Instruction),
    ("My sister Ana lives in Porto.", Relationship),
    ("My boss is Grace.", Relationship),
    ("Ada reports to Grace.", Relationship),
    ("The billing service depends on the ledger.", Relationship),
    ("I'm married to Cy.", Relationship),
    ("My daughter Mia goes to school in Bergen.", Relationship),
    ("I moved to Bergen in May.", Event),
    ("Yesterday the login was down for an hour.", Event),
    ("We launched the beta on 2 March.", Event),
    ("I bought a red kayak.", Event),
    ("Last week I met the auditors.", Event),
    ("I graduated from Lund.", Event),
    ("Two years ago we sold the shop.", Event),
    ("I learned that retries must be idempotent.", Learning),
    ("It turns out the cache was never used, we measured the queries.", Learning),
    ("The importer crashed on empty lines.", Error),
    ("Our nightly build keeps failing on Windows.", Error),
    ("I'm working on the importer.", Context),
    ("We are currently moving to the new office.", Context),
    ("The runbook can be found in docs/runbook.md.", Artifact),
    ("The designs are stored in the folder brand.", Artifact),
    ("I noticed the fan spins at night.", Observation),
    ("I usually get up at six.", Observation),
];

const LEFT: [&str; 64] = [
    "Hello!",
    "Hi there, how are you?",
    "Good morning.",
    "Thanks a lot, that was helpful.",
    "Thank you for the explanation.",
    "Great, sounds good.",
    "Ok.",
    "Nice to meet you, Ada.",
    "Have a nice weekend.",
    "You're welcome.",
    "Sorry about that.",
    "Haha, good one.",
    "See you tomorrow.",
    "What is the port of the staging server?",
    "How do I restart the queue",
    "Can you help me with my sister's tax return?",
    "Do you know where I live",
    "Is Bo still on call?",
    "Who owns the gateway",
    "Could you write a test for the importer",
    "Which editor should I use",
    "Would it be better to use Rust",
    "Where did we put the slides",
    "Why did the build fail?",
    "Suppose I moved to Oslo.",
    "Imagine we had ten servers.",
    "If I had a dog, I'd walk more.",
    "I might move to Bergen.",
    "Maybe I'll buy a kayak.",
    "Perhaps we should use Kafka.",
    "I wish I had a boat.",
    "Let's say my name is Bob.",
    "What if we used MySQL",
    "I wonder whether the cache is used.",
    "We could have used SQLite.",
    "If only I lived by the sea.",
    "Please summarize the text below.",
    "Write a poem about herons.",
    "Explain the borrow checker to me.",
    "Give me three names for a kayak.",
    "Show me the logs of yesterday.",
    "Translate this into German.",
    "Fix the bug in the importer.",
    "Let's try another approach.",
    "I need you to check the spelling.",
    "I want to know how the index works.",
    "I'd like to ask about the invoice.",
    "Tell me a joke about my boss.",
    "Remind me tomorrow.",
    "You are very helpful.",
    "You said the port was 80.",
    "Your answer is wrong.",
    "That's not what I meant.",
    "This is great.",
    "That works.",
    "It doesn't work.",
    "I love it!",
    "I'm tired today.",
    "I'm not sure about this.",
    "I have a question about the invoice.",
    "I don't know.",
    "I have to go now.",
    "```\nlet name = \"Ada\";\n```",
    "> My name is Bob, he wrote.",
];

fn one(sentence: &str) -> Vec<Candidate> {
    extract(&[Turn { role: "user", name: None, content: sentence }], 20).0
}

#[test]
fn what_states_something_is_kept_with_its_type() {
    let mut wrong = Vec::new();
    for (sentence, expected) in KEPT {
        let found = one(sentence);
        let told: Vec<MemoryType> = found.iter().map(|found| found.memory_type).collect();
        if told != [expected] || found[0].content != sentence {
            wrong.push(format!("{sentence} {told:?}, not {expected:?}"));
        }
    }

    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), KEPT.len(), wrong.join("\n"));
}

#[test]
fn questions_requests_suppositions_and_small_talk_are_left_out() {
    let kept: Vec<String> = LEFT
        .iter()
        .flat_map(|sentence| one(sentence))
        .map(|found| format!("{} {:?}", found.content, found.memory_type))
        .collect();

    assert!(kept.is_empty(), "{} of {}:\n{}", kept.len(), LEFT.len(), kept.join("\n"));
}

#[test]
fn a_conversation_gives_what_people_said_each_with_its_turn_and_speaker() {
    let turns = [
        Turn { role: "system", name: None, content: "You must always answer in French." },
        Turn {
            role: "user",
            name: None,
            content: "Hi! I prefer tea. Can you order some? - I'm Ada.",
        },
        Turn { role: "assistant", name: None, content: "I prefer coffee. We decided to use Rust." },
        Turn {
            role: "User",
            name: Some("Bo"),
            content: "We deploy on Fridays at 10.\nI prefer tea.",
        },
        Turn { role: "Caroline", name: None, content: "My dog is called Biscuit." },
    ];

    let (found, left_out) = extract(&turns, 20);

    let seen: Vec<(usize, &str, &str)> = found
        .iter()
        .map(|found| (found.turn, found.speaker.as_str(), found.content.as_str()))
        .collect();
    let expected = [
        (1, "user", "I prefer tea."),
        (1, "user", "I'm Ada."),
        (3, "Bo", "We deploy on Fridays at 10."),
        (4, "Caroline", "My dog is called Biscuit."),
    ];
    assert_eq!((seen.as_slice(), left_out), (&expected[..], 0), "{found:#?}");
}

#[test]
fn a_sentence_that_points_back_joins_the_one_it_points_at_or_goes() {
    let joined = one("My sister is called Ana. She lives in Porto. Is she well? She likes jazz.");
    let alone = one("She lives in Porto.");

    assert_eq!(joined.len(), 1, "{joined:?}");
    assert_eq!(joined[0].content, "My sister is called Ana. She lives in Porto.");
    assert_eq!(alone, []);
}

#[test]
fn who_is_less_sure_is_kept_less_surely_and_left_out_first() {
    let content = "I think I like tea. I prefer mead. Bo likes milk.";
    let all = one(content);
    let two = extract(&[Turn { role: "user", name: None, content }], 2);

    assert!(all[0].confidence < all[1].confidence, "{all:?}");
    let contents: Vec<&str> = two.0.iter().map(|found| found.content.as_str()).collect();
    assert_eq!((contents, two.1), (vec!["I prefer mead.", "Bo likes milk."], 1));
}

#[test]
fn whatever_is_said_is_read_to_its_end_and_kept_word_for_word() {
    let long = format!("I prefer tea {}.", "very much ".repeat(100));
    for content in
        ["", "???", "\u{301}\u{200d}", "I’m Ada’s friend ’’’", "私は猫が好きです。", &long]
    {
        for found in one(content) {
            assert!(content.contains(&found.content), "{content}");
        }
    }
    assert_eq!(one(&long), [], "a text is no statement");
}
