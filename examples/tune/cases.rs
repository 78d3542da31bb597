//! Questions as the fitting sees them: what speaks for each memory, and which are the right ones.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;

use memoranda::core::clock::Timestamp;
use memoranda::core::id::{AgentId, Ids, MemoryId};
use memoranda::embed::{BuiltIn, Embedder, Vector};
use memoranda::identity::actor::{Actor, AgentRef, Trust};
use memoranda::memory::draft::Draft;
use memoranda::memory::index::{Index, Meaning, Reader};
use memoranda::memory::memory::{Author, Memory};
use memoranda::memory::ranking::order::lost;
use memoranda::memory::ranking::question::Question;
use memoranda::memory::ranking::signals::signals;
use memoranda::memory::ranking::weights::{COUNT, Weights};
use memoranda::memory::search::Filter;

use crate::dataset::{Category, Conversation, Turn};
use crate::failure::{Failure, Result};

/// A question with the signals of every turn of its conversation.
pub(crate) struct Case {
    /// The conversation's place in the file.
    pub(crate) conversation: usize,
    pub(crate) category: Category,
    /// Whether the signals have the model's part.
    pub(crate) is_meant: bool,
    pub(crate) rows: Vec<[f32; COUNT]>,
    turns: Vec<String>,
    /// The thread of each row.
    threads: Vec<String>,
    /// The turns that answer it.
    pub(crate) evidence: Vec<String>,
    /// Their places among the rows.
    pub(crate) right: Vec<usize>,
}

impl Case {
    /// The turns by these weights, best first.
    pub(crate) fn ranked(&self, weights: &Weights) -> Vec<String> {
        let mut scored: Vec<(f32, usize)> =
            self.rows.iter().enumerate().map(|(at, row)| (score(weights, row), at)).collect();
        let better = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        scored.sort_unstable_by(better);
        if self.is_meant {
            let mut before: HashMap<&str, usize> = HashMap::new();
            for (score, at) in &mut scored {
                let before = before.entry(&self.threads[*at]).or_default();
                *score -= lost(*before);
                *before += 1;
            }
            scored.sort_unstable_by(better);
        }
        scored.into_iter().take(100).map(|(_, at)| self.turns[at].clone()).collect()
    }
}

/// The weighted sum of signals.
pub(crate) fn score(weights: &Weights, row: &[f32; COUNT]) -> f32 {
    weights.iter().zip(row).map(|(weight, value)| weight * value).sum()
}

/// Reads all questions, each twice: with the model's part and without.
pub(crate) fn read(conversations: &[Conversation], kept: Option<&Path>) -> Result<Vec<Case>> {
    let mut model = Vectors::open(kept);
    let mut cases = Vec::new();
    for (place, conversation) in conversations.iter().enumerate() {
        let _ = writeln!(
            std::io::stderr(),
            "{}: {} turns",
            conversation.sample_id,
            conversation.turns.len()
        );
        for is_meant in [true, false] {
            cases.extend(of_conversation(place, conversation, is_meant.then_some(&mut model))?);
        }
    }
    model.keep(kept)?;
    Ok(cases)
}

fn of_conversation(
    place: usize,
    conversation: &Conversation,
    mut model: Option<&mut Vectors>,
) -> Result<Vec<Case>> {
    let ids = Ids::default();
    let now = Timestamp::from_millis(1_800_000_000_000);
    let agent: AgentId = ids.next(now);
    let mut index = Index::new(model.as_ref().map_or(0, |model| model.model.dimensions()));
    let mut turns: HashMap<MemoryId, &Turn> = HashMap::new();
    for turn in &conversation.turns {
        let draft = Draft {
            content: Some(turn.content.clone()),
            speaker: Some(turn.speaker.clone()),
            thread: Some(turn.thread.clone()),
            position: i64::try_from(turn.position).ok(),
            occurred_at: turn.occurred_at.clone(),
            ..Draft::default()
        };
        let statement =
            draft.into_statement(now).map_err(|error| Failure::new(error.to_string()))?;
        let actor =
            Actor { agent: Some(AgentRef { id: agent, slug: "reader".to_owned() }), member: None };
        let author = Author { actor, key: None, trust: Trust::Approved };
        let memory = Memory::new(ids.next(now), statement, author, now);
        let meanings = match &mut model {
            None => Vec::new(),
            Some(model) => {
                let Vector { values, scale } = model.of(&turn.content)?;
                vec![Meaning { values, scale }]
            }
        };
        index.put(&memory, true, &meanings);
        turns.insert(memory.id, turn);
    }
    let seen = index.seen(Reader::agent(agent), &Filter::default());
    let speakers = seen.names();
    let mut cases = Vec::new();
    for asked in &conversation.questions {
        let question = Question::read(&asked.text, &speakers, now);
        let cosines = match &mut model {
            None => None,
            Some(model) => Some(model.cosines(&question.rewritten, &index)?),
        };
        let signals = signals(&seen, &question, cosines.as_deref());
        let (order, rows): (Vec<String>, Vec<[f32; COUNT]>) =
            signals.of_each(&seen).map(|(id, row)| (turns[&id].dia_id.clone(), *row)).unzip();
        let right = (0..order.len()).filter(|at| asked.evidence.contains(&order[*at])).collect();
        cases.push(Case {
            conversation: place,
            category: asked.category,
            is_meant: model.is_some(),
            rows,
            threads: signals.of_each(&seen).map(|(id, _)| turns[&id].thread.clone()).collect(),
            turns: order,
            evidence: asked.evidence.clone(),
            right,
        });
    }
    Ok(cases)
}

/// The model, and the vectors that it made.
struct Vectors {
    model: BuiltIn,
    known: HashMap<u64, Vector>,
}

impl Vectors {
    fn open(kept: Option<&Path>) -> Self {
        let model = BuiltIn::default();
        let width = model.dimensions() + 12;
        let bytes = kept.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let known = bytes.chunks_exact(width).map(|row| {
            let hash = u64::from_le_bytes(row[..8].try_into().expect("eight bytes"));
            let scale = f32::from_le_bytes(row[8..12].try_into().expect("four bytes"));
            (
                hash,
                Vector {
                    values: row[12..].iter().map(|byte| i8::from_le_bytes([*byte])).collect(),
                    scale,
                },
            )
        });
        Self { known: known.collect(), model }
    }

    fn keep(&self, kept: Option<&Path>) -> Result<()> {
        let Some(path) = kept else { return Ok(()) };
        let mut bytes = Vec::new();
        for (hash, vector) in &self.known {
            bytes.extend(hash.to_le_bytes());
            bytes.extend(vector.scale.to_le_bytes());
            bytes.extend(vector.values.iter().flat_map(|value| value.to_le_bytes()));
        }
        std::fs::write(path, bytes)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }

    fn of(&mut self, text: &str) -> Result<Vector> {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some(vector) = self.known.get(&hash) {
            return Ok(vector.clone());
        }
        let vector = self.model.embed(text).map_err(|error| Failure::new(error.to_string()))?;
        self.known.insert(hash, vector.clone());
        Ok(vector)
    }

    fn cosines(&mut self, text: &str, index: &Index) -> Result<Vec<f32>> {
        let question = self.of(text)?;
        let rows = index.rows().chunks_exact(self.model.dimensions());
        Ok(rows
            .zip(index.scales())
            .map(|(row, scale)| {
                let product: i32 = row
                    .iter()
                    .zip(&question.values)
                    .map(|(a, b)| i32::from(*a) * i32::from(*b))
                    .sum();
                product as f32 * scale * question.scale
            })
            .collect())
    }
}
