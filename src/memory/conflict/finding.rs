//! What the rules answer: a kind, how grave it is, and what speaks for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::memory::fields::Named;

/// How two memories stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum ConflictKind {
    /// Both can't hold at once.
    Contradiction,
    /// Both say the same.
    Duplicate,
    /// The newer says that what the older says has changed.
    Outdated,
}

impl Named for ConflictKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (ConflictKind::Contradiction, "CONTRADICTION"),
        (ConflictKind::Duplicate, "DUPLICATE"),
        (ConflictKind::Outdated, "OUTDATED"),
    ];
}

/// How much it matters that somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Named for Severity {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Severity::Low, "low"), (Severity::Medium, "medium"), (Severity::High, "high")];
}

/// What speaks for a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Sign {
    SameSubject,
    SameWords,
    OtherNumber,
    OtherDate,
    OtherTime,
    OtherAmount,
    OtherPercentage,
    OtherVersion,
    Negation,
    Opposite,
    OneOnly,
    Exchanged,
    NamesTheOld,
    IsOver,
    SaysChange,
}

impl Named for Sign {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Sign::SameSubject, "same_subject"),
        (Sign::SameWords, "same_words"),
        (Sign::OtherNumber, "other_number"),
        (Sign::OtherDate, "other_date"),
        (Sign::OtherTime, "other_time"),
        (Sign::OtherAmount, "other_amount"),
        (Sign::OtherPercentage, "other_percentage"),
        (Sign::OtherVersion, "other_version"),
        (Sign::Negation, "negation"),
        (Sign::Opposite, "opposite"),
        (Sign::OneOnly, "one_only"),
        (Sign::Exchanged, "exchanged"),
        (Sign::NamesTheOld, "names_the_old"),
        (Sign::IsOver, "is_over"),
        (Sign::SaysChange, "says_change"),
    ];
}

impl Sign {
    /// What it means, in a few words of ours.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Sign::SameSubject => "both speak of the same",
            Sign::SameWords => "both say it in the same words",
            Sign::OtherNumber => "the numbers differ",
            Sign::OtherDate => "the dates differ",
            Sign::OtherTime => "the times differ",
            Sign::OtherAmount => "the amounts differ",
            Sign::OtherPercentage => "the percentages differ",
            Sign::OtherVersion => "the versions differ",
            Sign::Negation => "one denies what the other says",
            Sign::Opposite => "they use words of opposite meaning",
            Sign::OneOnly => "they name two where only one can be",
            Sign::Exchanged => "they exchange the two sides",
            Sign::NamesTheOld => "the newer names what the older says as past",
            Sign::IsOver => "the newer says that it is over",
            Sign::SaysChange => "the newer speaks of a change",
        }
    }
}

/// A sign and how much it weighs, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    pub sign: Sign,
    pub weight: f64,
}

impl Signal {
    pub(super) fn of(sign: Sign, weight: f64) -> Self {
        Self { sign, weight: (weight * 100.0).round() / 100.0 }
    }
}

/// A conflict that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub kind: ConflictKind,
    pub severity: Severity,
    pub signals: Vec<Signal>,
}
