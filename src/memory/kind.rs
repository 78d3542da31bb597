//! Which type a statement has whose author named none: rules over its words, read from the first
//! to the last, and the first that fits decides.
//!
//! They know English. What they don't know is a fact, which is never wrong, only less telling.

use super::fields::MemoryType;

/// A rule: the type, and the words that tell it, between commas. `|` stands for the beginning or end of a sentence.
struct Rule(MemoryType, &'static str);

/// In the order in which they are asked: what says how something is held (learnt, decided,
/// preferred, wanted, promised) comes before what it is about.
const RULES: [Rule; 12] = [
    Rule(
        MemoryType::Learning,
        "lesson, lessons, learned, learnt, turns out, turned out, | til, takeaway, \
         in hindsight, next time, found out, discovered that, realised, realized, \
         the fix was, the trick is, the trick was",
    ),
    Rule(
        MemoryType::Decision,
        "decided, decides, decision, chose, chosen, opted, settled on, agreed on, \
         agreed that, agreed to use, going with, went with, picked, approved, we will use, \
         we'll use, ruled out, we rejected, was rejected",
    ),
    Rule(
        MemoryType::Preference,
        "prefer, prefers, preferred, preference, favourite, favorite, likes, i like, \
         we like, users like, loves, i love, dislikes, hates, i hate, doesn't like, \
         don't like, does not like, do not like, would rather, enjoys, fond of, can't stand",
    ),
    Rule(
        MemoryType::Goal,
        "goal, goals, objective, aim is, aims to, aim to, aiming to, target is, wants to, \
         want to, wish to, wishes to, hopes to, hope to, plan is to, plans to, plan to, \
         planning to, intends to, intend to, milestone, roadmap",
    ),
    Rule(
        MemoryType::Commitment,
        "promised, promises to, committed to, commits to, commitment, i will, we will, \
         he will, she will, they will, i'll, we'll, he'll, she'll, they'll, owes, agreed to, \
         deadline, action item, todo, is due, are due, due by, due on, signed up to, \
         guaranteed to, pledged, will send, will deliver, will review, will fix, will write, \
         will finish, will prepare, will call, will publish, will share, will pay, \
         will bring, will provide, will follow up",
    ),
    Rule(
        MemoryType::Instruction,
        "| always, | never, | do, | don't, | please, | make sure, | ensure, | remember to, \
         | avoid, | use, | run, | set, | check, | install, | call, | write, | keep, | add, \
         | ask, | restart, | read, | put, | wait, | send, | commit, | format, | follow, \
         | answer, | reply, | test, | review, must, must not, mustn't, should, shouldn't, \
         have to, has to, is required to, are required to, not allowed to, never commit, \
         never use, always use, step 1",
    ),
    Rule(
        MemoryType::Error,
        "error, errors, failed, fails, failing, failure, crashed, crashes, crash, exception, \
         panicked, bug, outage, incident, timed out, times out, broke, is broken, \
         was broken, doesn't work, does not work, didn't work, stack trace, segfault, \
         regression, mistake",
    ),
    Rule(
        MemoryType::Relationship,
        "reports to, manages, manager of, managed by, works with, works for, works at, \
         works on the team, married, brother, sister, wife, husband, friend, friends, \
         colleague, colleagues, boss of, mentor, mentors, mother, father, daughter, son of, \
         is the lead of, leads the, member of, belongs to, client of, customer of, \
         partner of, depends on, is owned by, is maintained by, cousin, neighbour of, \
         neighbor of, employs",
    ),
    Rule(
        MemoryType::Event,
        "yesterday, last night, last week, last month, last year, this morning, happened, \
         took place, met with, meeting, launched, released, shipped, went live, \
         was deployed, we deployed, joined, left the company, moved to, visited, attended, \
         was born, conference, was held, ago, celebrated, migrated, merged on, resigned, \
         was hired, signed the",
    ),
    Rule(
        MemoryType::Artifact,
        "http, https, document, spreadsheet, repository, repo, pull request, dashboard, \
         the script, diagram, is stored in, are stored in, is kept in, are kept in, \
         is located at, lives at, lives in the, can be found, is documented in, the file, \
         the report, slides, mockup, mockups, notebook, runbook is",
    ),
    Rule(
        MemoryType::Observation,
        "noticed, observed, observation, seems, seem, appears to, appear to, looks like, \
         tends to, tend to, usually, often, measured, saw that, apparently, it looks as if, \
         rarely, we see, spikes, sounds like",
    ),
    Rule(
        MemoryType::Context,
        "currently, at the moment, right now, background, context, working on, in progress, \
         for now, this sprint, this week, this quarter, these days, ongoing, so far, \
         as of now, is about, for the time being",
    ),
];

/// How much of a statement is read beyond its first sentence, in characters.
const READ: usize = 1_000;

/// The type of a statement: by its first sentence, and if that tells nothing, by all of it.
#[must_use]
pub fn of(content: &str) -> MemoryType {
    let words = folded(content);
    let first = words.find(" | ").map_or(words.as_str(), |end| &words[..end + 3]);
    told_by(first).or_else(|| told_by(&words)).unwrap_or(MemoryType::Fact)
}

fn told_by(words: &str) -> Option<MemoryType> {
    let holds = |phrase: &str| {
        words.match_indices(phrase).any(|(at, _)| {
            words[..at].ends_with(' ') && words[at + phrase.len()..].starts_with(' ')
        })
    };
    RULES.iter().find(|Rule(_, phrases)| phrases.split(", ").any(holds)).map(|Rule(told, _)| *told)
}

/// The words in lower case between single spaces, with ` | ` where sentences begin and end.
fn folded(content: &str) -> String {
    let mut folded = String::from(" |");
    for line in content.trim().lines() {
        // The marker of a list is no word.
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || "-*•#>".contains(c));
        for word in line.split_whitespace() {
            let plain: String = word
                .chars()
                .map(|c| if c == '’' { '\'' } else { c })
                .filter(|c| c.is_alphanumeric() || "'-/:.".contains(*c))
                .flat_map(char::to_lowercase)
                .collect();
            for plain in plain.split([':', '/']).map(|part| part.trim_matches(['.', '-', '\''])) {
                if !plain.is_empty() {
                    folded.push(' ');
                    folded.push_str(plain);
                }
            }
            if word.ends_with(['.', '!', '?', ';', ':']) {
                end_sentence(&mut folded);
            }
        }
        end_sentence(&mut folded);
        if folded.len() > READ {
            break;
        }
    }
    folded.push(' ');
    folded
}

fn end_sentence(folded: &mut String) {
    if !folded.ends_with('|') {
        folded.push_str(" |");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::fields::Named;

    const SENTENCES: [(MemoryType, &[&str]); 13] = [
        (
            MemoryType::Fact,
            &[
                "The staging database runs PostgreSQL 16.",
                "The heron nests here.",
                "Ada's birthday is on 10 December.",
                "We deploy on Fridays.",
                "The office has three floors.",
                "Der Server steht in Berlin.",
                "東京は日本の首都です。",
                "Invoices are numbered from 1000 on.",
                "Tea, 7.",
            ],
        ),
        (
            MemoryType::Preference,
            &[
                "The user prefers dark mode.",
                "Ada likes her coffee black.",
                "I love short commit messages.",
                "Bo doesn't like meetings before ten.",
                "My favourite editor is Helix.",
                "She would rather walk than drive.",
                "Prefer composition over inheritance.",
            ],
        ),
        (
            MemoryType::Goal,
            &[
                "Our goal is to halve the build time.",
                "The team wants to reach 99.9 % uptime.",
                "We plan to open source the client in spring.",
                "The objective for Q3: 200 paying teams.",
                "Cy hopes to run a marathon.",
                "This release aims to make onboarding faster.",
                "We intend to retire the old API.",
            ],
        ),
        (
            MemoryType::Decision,
            &[
                "We decided to use SQLite for the embedded mode.",
                "The board approved the budget.",
                "Decision: no feature flags in the core.",
                "They settled on Tuesday for the review.",
                "We are going with Rust.",
                "Kafka was ruled out because of its cost.",
                "We chose blue for the logo after the failed survey.",
            ],
        ),
        (
            MemoryType::Artifact,
            &[
                "https://example.org/handbook holds the onboarding guide.",
                "The runbook is in docs/runbook.md.",
                "The architecture diagram shows both engines.",
                "Last quarter's numbers are kept in the shared spreadsheet.",
                "Pull request 42 holds the first draft.",
                "The slides for the talk are on the drive.",
                "Secrets policy: see the document of the security team.",
            ],
        ),
        (
            MemoryType::Learning,
            &[
                "We learned that retries must be idempotent.",
                "Lesson: test the backup before you need it.",
                "It turns out the cache was never used.",
                "Next time we begin with the migration.",
                "TIL that tar keeps owners only as root.",
                "In hindsight the rewrite took too long.",
                "The fix was to raise the file limit.",
            ],
        ),
        (
            MemoryType::Event,
            &[
                "Yesterday the team met in Lisbon.",
                "Version 2.0 was released on 3 May.",
                "Bo joined the company in March.",
                "The conference was held in Oslo.",
                "We shipped the new editor.",
                "Two years ago the office moved to Hamburg.",
                "Ada met with the auditors.",
            ],
        ),
        (
            MemoryType::Instruction,
            &[
                "Always run the tests before you push.",
                "Never commit generated files.",
                "Please answer in German.",
                "Use tabs in Makefiles.",
                "Every change must have a review.",
                "Don't restart the worker while a job is running.",
                "New members should read the handbook first.",
                "- Make sure that the lights are off.",
            ],
        ),
        (
            MemoryType::Relationship,
            &[
                "Ada reports to Grace.",
                "Bo is married to Cy.",
                "The billing service depends on the ledger.",
                "Grace manages the platform team.",
                "Dee is a colleague of Bo.",
                "Eve works for the city.",
                "Fay is a member of the board.",
            ],
        ),
        (
            MemoryType::Context,
            &[
                "We are currently moving to the new office.",
                "The project is about indexing old maps.",
                "Ada is working on the importer.",
                "At the moment nobody is on call.",
                "The audit is in progress.",
                "Background: the client has two brands.",
                "For now the beta is free.",
            ],
        ),
        (
            MemoryType::Observation,
            &[
                "The build seems slower on Mondays.",
                "I noticed that the fan spins at night.",
                "Users often skip the second step.",
                "Memory use tends to grow by day.",
                "It looks like the index is not used.",
                "We measured 40 ms for a cold start.",
                "Latency spikes at noon.",
            ],
        ),
        (
            MemoryType::Commitment,
            &[
                "I will send the report by Friday.",
                "Ada promised a demo for Monday.",
                "We'll review the draft tomorrow.",
                "The deadline for the paper is 1 June.",
                "Bo will fix the flaky case this week.",
                "The supplier committed to two weeks.",
                "Cy owes Dee an answer.",
            ],
        ),
        (
            MemoryType::Error,
            &[
                "The nightly build failed with exit code 137.",
                "The importer crashes on empty lines.",
                "There is a bug in the date parser.",
                "Requests to the gateway timed out.",
                "The login doesn't work in Safari.",
                "An outage hit the second region.",
                "The index was broken by the upgrade.",
            ],
        ),
    ];

    #[test]
    fn each_sentence_is_of_the_type_that_a_person_would_give_it() {
        let mut wrong = Vec::new();
        for (expected, sentences) in SENTENCES {
            for sentence in sentences {
                let told = of(sentence);
                if told != expected {
                    wrong.push(format!("{sentence} {} not {}", told.as_str(), expected.as_str()));
                }
            }
        }

        let all: usize = SENTENCES.iter().map(|(_, sentences)| sentences.len()).sum();
        assert!(all >= 80 && SENTENCES.len() == MemoryType::NAMES.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_first_sentence_decides_where_it_tells_anything() {
        assert_eq!(of("Ada prefers tea. The kettle failed."), MemoryType::Preference);
        assert_eq!(of("The kettle is red. It failed."), MemoryType::Error);
    }

    #[test]
    fn words_are_told_whole_and_in_any_case() {
        assert_eq!(of("The debugger is attached."), MemoryType::Fact);
        assert_eq!(of("The TERRORS of the deep is a book."), MemoryType::Fact);
        assert_eq!(of("NEVER MERGE ON FRIDAY"), MemoryType::Instruction);
        assert_eq!(of("We don’t like it"), MemoryType::Preference);
    }

    #[test]
    fn whatever_is_written_has_a_type() {
        for content in ["", " ", "|", "...", "?!", "\n\n", "👍", "a:b/c", "— — —"] {
            assert_eq!(of(content), MemoryType::Fact, "{content:?}");
        }
        assert_eq!(of(&"long ".repeat(4_000)), MemoryType::Fact);
    }
}
