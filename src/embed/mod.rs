//! From text to vectors, so that what means the same is found whatever its words.
//!
//! One trait, [`Embedder`], and the model that is built in behind it ([`BuiltIn`]; its arithmetic is
//! the crate `minilm`, which knows nothing of memories). A vector is kept as whole numbers of 8 bits:
//! a quarter of the space, and nothing lost that finding could notice. A model reads only so much of
//! a text; a longer one is cut into overlapping [`chunks`], each with a vector of its own.
//!
//! Next: `built_in.rs`, then `chunks.rs`; `elsewhere.rs` asks a server instead, where one is configured.

mod built_in;
mod chunks;
mod elsewhere;

use std::ops::Range;

use crate::core::error::Result;

pub use built_in::BuiltIn;
pub use chunks::chunks;
pub use elsewhere::Elsewhere;

/// Makes vectors of texts.
pub trait Embedder: Send + Sync {
    /// The name of the model: vectors of two models can't be compared.
    fn model(&self) -> &str;

    /// Numbers in a vector; 0 where that isn't known before the first.
    fn dimensions(&self) -> usize;

    /// Whether it is asked over a network: nobody who holds anything waits for it.
    fn is_elsewhere(&self) -> bool {
        false
    }

    /// How many word pieces of a text the model reads.
    fn reach(&self) -> usize;

    /// How many word pieces a text has.
    ///
    /// # Errors
    /// `INTERNAL` when the model can't be opened.
    fn count(&self, text: &str) -> Result<usize>;

    /// The vector of a text; what is beyond the model's reach is left out.
    ///
    /// Milliseconds of computing for a sentence: not for a thread that others wait for.
    ///
    /// # Errors
    /// `INTERNAL` when the model can't be opened.
    fn embed(&self, text: &str) -> Result<Vector>;
}

/// The vectors of a text of any length: one for each of its chunks, with its place in the text.
///
/// # Errors
/// As [`Embedder::embed`].
pub fn embed_whole(embedder: &dyn Embedder, text: &str) -> Result<Vec<(Range<usize>, Vector)>> {
    let chunks = chunks(text, embedder.reach(), |part| embedder.count(part))?;
    chunks.into_iter().map(|chunk| Ok((chunk.clone(), embedder.embed(&text[chunk])?))).collect()
}

/// The cosines of a vector and many of its length, which lie one after another with a scale each.
///
/// `None` where those are of another length: they are another model's.
#[must_use]
pub fn cosines(vector: &Vector, rows: &[i8], scales: &[f32]) -> Option<Vec<f32>> {
    if vector.values.len() * scales.len() != rows.len() {
        return None;
    }
    let mut products = vec![0; scales.len()];
    minilm::scan(&vector.values, rows, &mut products);
    let cosine = |(product, scale): (&i32, &f32)| *product as f32 * scale * vector.scale;
    Some(products.iter().zip(scales).map(cosine).collect())
}

/// A unit vector in whole numbers: each is to be multiplied with `scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    pub values: Vec<i8>,
    /// One over the length of `values`, so that the product of two vectors is their cosine.
    pub scale: f32,
}

impl Vector {
    /// Rounds a vector of any length but 0; one of zeros stays so and is like nothing.
    #[must_use]
    pub fn of(floats: &[f32]) -> Vector {
        let most = floats.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let factor = if most > 0.0 { 127.0 / most } else { 0.0 };
        // `as` keeps within the type's bounds, which rounding can't leave here anyway.
        #[expect(clippy::cast_possible_truncation, reason = "at most 127 either way")]
        let values: Vec<i8> = floats.iter().map(|value| (value * factor).round() as i8).collect();
        let square = dot(&values, &values);
        let scale = if square > 0 { 1.0 / (square as f32).sqrt() } else { 0.0 };
        Vector { values, scale }
    }

    /// How alike two texts are: 1 for the same meaning, about 0 for none in common.
    ///
    /// 0 for vectors of different lengths, which are of different models.
    #[must_use]
    pub fn cosine(&self, other: &Vector) -> f32 {
        if self.values.len() != other.values.len() {
            return 0.0;
        }
        dot(&self.values, &other.values) as f32 * self.scale * other.scale
    }
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::{BuiltIn, Embedder, Vector, cosines, embed_whole};

    #[test]
    fn a_vector_is_like_itself_and_unlike_its_opposite() {
        let vector = Vector::of(&[0.1, -0.7, 0.3, 0.64]);
        let opposite = Vector::of(&[-0.1, 0.7, -0.3, -0.64]);

        assert!((vector.cosine(&vector) - 1.0).abs() < 1e-6);
        assert!((vector.cosine(&opposite) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn rounding_keeps_the_cosine() {
        let wave = |from: f32| (0..384).map(|at| (at as f32 * 0.37 + from).sin()).collect();
        let (a, b): (Vec<f32>, Vec<f32>) = (wave(0.0), wave(1.0));
        let exact = a.iter().zip(&b).map(|(a, b)| a * b).sum::<f32>()
            / a.iter().map(|a| a * a).sum::<f32>().sqrt()
            / b.iter().map(|b| b * b).sum::<f32>().sqrt();

        assert!((Vector::of(&a).cosine(&Vector::of(&b)) - exact).abs() < 1e-3);
    }

    #[test]
    fn nothing_is_like_zeros_or_like_a_vector_of_another_length() {
        let zeros = Vector::of(&[0.0; 4]);
        let vector = Vector::of(&[0.5; 4]);

        assert!(zeros.cosine(&vector).abs() < f32::EPSILON);
        assert!(vector.cosine(&Vector::of(&[0.5; 8])).abs() < f32::EPSILON);
    }

    #[test]
    fn many_cosines_are_those_of_each() {
        let wave = |from: f32| {
            let floats: Vec<f32> = (0..40).map(|at| (at as f32 * 0.37 + from).sin()).collect();
            Vector::of(&floats)
        };
        let all: Vec<Vector> = (0..9).map(|from| wave(from as f32)).collect();
        let rows: Vec<i8> = all.iter().flat_map(|vector| vector.values.clone()).collect();
        let scales: Vec<f32> = all.iter().map(|vector| vector.scale).collect();
        let question = wave(0.5);

        let found = cosines(&question, &rows, &scales).expect("of one length");

        for (cosine, vector) in found.iter().zip(&all) {
            assert!((cosine - question.cosine(vector)).abs() < 1e-6);
        }
        assert_eq!(found.len(), 9);
        assert_eq!(cosines(&question, &rows[..39], &scales[..1]), None);
        assert_eq!(cosines(&question, &[], &[]), Some(vec![]));
    }

    #[test]
    fn what_means_the_same_is_nearer_than_what_shares_words() {
        let model = BuiltIn::default();
        let embed = |text: &str| model.embed(text).expect("a vector");
        let question = embed("Who is responsible for invoices?");

        let answer = question.cosine(&embed("Ana owns the billing service."));
        let other = question.cosine(&embed("Who is responsible for the garden?"));
        let unlike = question.cosine(&embed("It rained all day."));

        assert!(answer > unlike + 0.1, "{answer} and {unlike}");
        assert!(other > unlike, "{other} and {unlike}");
    }

    #[test]
    fn the_end_of_a_long_text_is_embedded_as_well() {
        let model = BuiltIn::default();
        let text = "The harbour was quiet. ".repeat(150) + "The password policy changed in May.";
        let wanted = model.embed("password policy").expect("a vector");

        let vectors = embed_whole(&model, &text).expect("vectors");

        assert!(vectors.len() > 3);
        let (first, last) = (&vectors[0].1, &vectors[vectors.len() - 1].1);
        assert!(wanted.cosine(last) > wanted.cosine(first) + 0.1);
    }
}
