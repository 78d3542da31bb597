//! Vectors of questions that were asked lately: a question is often asked again, by the page or with
//! another filter.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::embed::Vector;

/// How many are kept: of 384 numbers each, a tenth of a mebibyte.
const KEPT: usize = 256;

/// The vectors, with when each was last asked for.
#[derive(Default)]
pub(super) struct Questions {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    vectors: HashMap<String, (u64, Arc<Vector>)>,
    asked: u64,
}

impl Questions {
    /// The vector of a question.
    pub(super) fn get(&self, question: &str) -> Option<Arc<Vector>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.asked += 1;
        let now = held.asked;
        let (asked, vector) = held.vectors.get_mut(question)?;
        *asked = now;
        Some(Arc::clone(vector))
    }

    /// Keeps a question's vector, and lets the one go that was asked for longest ago.
    pub(super) fn put(&self, question: String, vector: Arc<Vector>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.vectors.len() >= KEPT {
            let oldest = held.vectors.iter().min_by_key(|(_, (asked, _))| *asked);
            if let Some(oldest) = oldest.map(|(question, _)| question.clone()) {
                held.vectors.remove(&oldest);
            }
        }
        let now = held.asked;
        held.vectors.insert(question, (now, vector));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_again_stays_and_the_longest_unasked_goes() {
        let questions = Questions::default();
        let vector = Arc::new(Vector::of(&[1.0]));

        for number in 0..KEPT + 50 {
            questions.put(format!("question {number}"), Arc::clone(&vector));
            assert!(questions.get("question 0").is_some());
        }

        assert!(questions.get("question 1").is_none());
        assert!(questions.get(&format!("question {}", KEPT + 49)).is_some());
        let held = questions.held.lock().expect("unharmed");
        assert_eq!(held.vectors.len(), KEPT);
    }
}
