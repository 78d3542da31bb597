//! The signals, and what each is worth.
//!
//! The weights were fitted by `examples/tune` on conversations of the LoCoMo format and checked on
//! others, which README tells of. A sum of weighted signals, not of ranks: how much better the best is
//! says as much as that it is.

/// How many signals there are.
pub const COUNT: usize = 18;

/// What speaks for a memory. Each lies between 0 and 1 unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Signal {
    /// BM25, as a share of the best.
    Words,
    /// The cosine of the question and the best of its pieces, bent: a near one adds less than a far one.
    Meaning,
    /// It was written or said by the one whom the question names.
    Author,
    /// It happened when the question says.
    Date,
    /// The question asks for a time, and it names one.
    TellsWhen,
    /// It names a time.
    NamesTime,
    /// It asks something itself.
    Asks,
    /// The logarithm of its length, up to 40 words; up to 3.7.
    Length,
    /// The mean cosine of the two beside it in its thread.
    NeighboursMeaning,
    /// The same of their words.
    NeighboursWords,
    /// The best cosine of its thread.
    ThreadBest,
    /// The mean of the three best.
    ThreadMeaning,
    /// The mean of the ten best.
    ThreadBreadth,
    /// The mean of the three best by words.
    ThreadWords,
    /// The share of the question's words, by what they are worth, that it and those beside it hold.
    Coverage,
    /// The cosine of the one before it, where that asks something: this may be the reply.
    RepliesMeaning,
    /// The same of its words.
    RepliesWords,
    /// The share of the question's quoted phrases that it holds.
    Phrase,
}

/// The group of signals that a reader is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Words,
    Meaning,
    Author,
    Time,
    Context,
    Form,
}

impl Signal {
    /// All of them, in the order of the tables.
    pub const ALL: [Signal; COUNT] = [
        Signal::Words,
        Signal::Meaning,
        Signal::Author,
        Signal::Date,
        Signal::TellsWhen,
        Signal::NamesTime,
        Signal::Asks,
        Signal::Length,
        Signal::NeighboursMeaning,
        Signal::NeighboursWords,
        Signal::ThreadBest,
        Signal::ThreadMeaning,
        Signal::ThreadBreadth,
        Signal::ThreadWords,
        Signal::Coverage,
        Signal::RepliesMeaning,
        Signal::RepliesWords,
        Signal::Phrase,
    ];

    /// The group it belongs to.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Signal::Words | Signal::Coverage | Signal::Phrase => Group::Words,
            Signal::Meaning => Group::Meaning,
            Signal::Author => Group::Author,
            Signal::Date | Signal::TellsWhen | Signal::NamesTime => Group::Time,
            Signal::Asks | Signal::Length => Group::Form,
            _ => Group::Context,
        }
    }

    /// Whether it comes from vectors, and is nothing without a model.
    #[must_use]
    pub const fn is_of_meaning(self) -> bool {
        matches!(
            self,
            Signal::Meaning
                | Signal::NeighboursMeaning
                | Signal::ThreadBest
                | Signal::ThreadMeaning
                | Signal::ThreadBreadth
                | Signal::RepliesMeaning
        )
    }
}

/// What each signal is worth, in the order of [`Signal::ALL`].
pub type Weights = [f32; COUNT];

/// With a model.
pub const WITH_MEANING: Weights = [
    0.73, 4.75, 2.44, 5.21, 1.67, 0.51, -0.49, 0.61, 2.32, -1.44, 6.42, 1.37, -5.80, 2.01, 3.17,
    0.92, 1.08, 3.0,
];

/// By words alone.
pub const BY_WORDS: Weights = [
    1.95, 0.0, 2.26, 4.89, 1.65, 0.46, -0.40, 0.40, 0.0, -0.34, 0.0, 0.0, 0.0, 3.31, 3.99, 0.0,
    1.87, 3.0,
];
