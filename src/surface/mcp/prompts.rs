//! Prompts: how a client's user begins, hands over and looks back. Their words are ours, with what the
//! user gave beside them; nothing that is stored stands in them.

use rmcp::model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Role};

use crate::core::error::{Error, Result};
use crate::core::text;

/// How long what a user gives may be, in characters.
const LONGEST: usize = 500;

/// A prompt.
pub(super) struct Written {
    pub(super) name: &'static str,
    title: &'static str,
    about: &'static str,
    text: &'static str,
    pub(super) arguments: &'static [Argument],
}

/// What a user may give with it.
pub(super) struct Argument {
    pub(super) name: &'static str,
    about: &'static str,
    /// What the prompt says before it.
    said: &'static str,
    /// What completes it: a kind that `complete` knows.
    pub(super) kind: Option<&'static str>,
}

/// Every prompt.
pub(super) const PROMPTS: [Written; 4] = [
    Written {
        name: "session_start",
        title: "Start a session",
        about: "Begin a working session: who am I, where does the team stand, what is known",
        text: include_str!("prompts/session_start.md"),
        arguments: &[Argument {
            name: "topic",
            about: "What the session is about",
            said: "This session is about:",
            kind: Some("tag"),
        }],
    },
    Written {
        name: "handoff",
        title: "Hand over",
        about: "End a session so that the next agent begins where this one stops",
        text: include_str!("prompts/handoff.md"),
        arguments: &[Argument {
            name: "task",
            about: "The task to hand over: tsk_…; all of yours if left out",
            said: "Hand over this task above all:",
            kind: Some("task"),
        }],
    },
    Written {
        name: "resolve_conflicts",
        title: "Resolve conflicts",
        about: "Go through memories that can't both hold, and settle what can be settled",
        text: include_str!("prompts/resolve_conflicts.md"),
        arguments: &[Argument {
            name: "conflict",
            about: "One conflict: cfl_…; those that wait if left out",
            said: "Only this conflict:",
            kind: Some("conflict"),
        }],
    },
    Written {
        name: "weekly_review",
        title: "Review the week",
        about: "Look back: what was decided, learnt and done, what is stuck, what is next",
        text: include_str!("prompts/weekly_review.md"),
        arguments: &[
            Argument {
                name: "since",
                about: "From when on: a date, or words such as last 14 days",
                said: "Look back to:",
                kind: None,
            },
            Argument {
                name: "agent",
                about: "Only what this agent did, by its id",
                said: "Only what this agent did:",
                kind: Some("agent"),
            },
        ],
    },
];

/// The prompt of a name.
pub(super) fn find(name: &str) -> Option<&'static Written> {
    PROMPTS.iter().find(|prompt| prompt.name == name)
}

impl Written {
    /// As lists show it.
    pub(super) fn listed(&self) -> Prompt {
        let arguments = self.arguments.iter().map(|argument| {
            PromptArgument::new(argument.name).with_description(argument.about).with_required(false)
        });
        Prompt::new(self.name, Some(self.about), Some(arguments.collect())).with_title(self.title)
    }

    /// Its words, with what the user gave below them.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the argument and its rule.
    pub(super) fn with(&self, given: &rmcp::model::JsonObject) -> Result<GetPromptResult> {
        let mut words = self.text.trim().to_owned();
        for name in given.keys() {
            if !self.arguments.iter().any(|argument| argument.name == name) {
                let known: Vec<&str> = self.arguments.iter().map(|known| known.name).collect();
                let rule = format!("are known here: {}; others are not", known.join(", "));
                return Err(Error::invalid("arguments", rule));
            }
        }
        for argument in self.arguments {
            let Some(value) = given.get(argument.name).filter(|value| !value.is_null()) else {
                continue;
            };
            let value = value.as_str().map(str::trim);
            let value = value.ok_or_else(|| Error::invalid(argument.name, "must be a text"))?;
            if text::chars(value) > LONGEST || value.chars().any(char::is_control) {
                let rule = format!("must be one line of at most {LONGEST} characters");
                return Err(Error::invalid(argument.name, rule));
            }
            if !value.is_empty() {
                words.extend(["\n\n", argument.said, " ", value]);
            }
        }
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, words)]))
    }
}
