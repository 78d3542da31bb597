//! The built-in model against golden files that the published weights gave (`reference/reference.py`).

use std::io::Write as _;
use std::path::PathBuf;

use minilm::{Kernel, Model};

const VECTORS: &[u8] = include_bytes!("../golden/vectors.f16");

fn model() -> Model {
    Model::from_static(minilm_words::PACK, minilm_layers::PACK).expect("the built-in pack opens")
}

fn texts() -> Vec<String> {
    serde_json::from_str(include_str!("../golden/texts.json")).expect("a list of texts")
}

/// Half floats as floats; none is subnormal enough to matter.
fn vectors() -> Vec<Vec<f64>> {
    let half = |bytes: &[u8; 2]| {
        let half = i32::from(u16::from_le_bytes(*bytes));
        let size = f64::from(half & 1023) / 1024.0;
        let (exponent, sign) = ((half >> 10) & 31, if half >> 15 == 0 { 1.0 } else { -1.0 });
        sign * if exponent == 0 { size / 16384.0 } else { (1.0 + size) * 2_f64.powi(exponent - 15) }
    };
    let all: Vec<f64> = VECTORS.as_chunks::<2>().0.iter().map(half).collect();
    all.chunks_exact(384).map(<[f64]>::to_vec).collect()
}

fn cosine(a: &[f32], b: &[f64]) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * b).sum();
    let (a, b): (f64, f64) =
        (a.iter().map(|a| f64::from(*a).powi(2)).sum(), b.iter().map(|b| b * b).sum());
    product / (a * b).sqrt()
}

#[test]
fn pieces_are_those_of_the_reference() {
    let model = model();
    let expected: Vec<Vec<u32>> =
        serde_json::from_str(include_str!("../golden/ids.json")).expect("lists of numbers");

    assert_eq!(expected.len(), texts().len());
    for (text, expected) in texts().iter().zip(expected) {
        assert_eq!(model.pieces(text), expected, "{text}");
    }
}

#[test]
fn vectors_agree_with_the_published_weights() {
    let model = model();
    let texts = texts();

    let mut cosines: Vec<(f64, &str)> = texts
        .iter()
        .zip(vectors())
        .map(|(text, expected)| (cosine(&model.embed(text), &expected), text.as_str()))
        .collect();

    cosines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = cosines.iter().map(|(cosine, _)| cosine).sum::<f64>() / cosines.len() as f64;
    assert!(cosines[0].0 >= 0.999, "{:?}", &cosines[..5]);
    assert!(mean >= 0.9995, "{mean}");
}

#[test]
fn every_kernel_gives_the_same_bits() {
    let model = model();
    let bits = |kernel: Kernel, text: &str| {
        model.embed_with(kernel, text).into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };

    // Some of the texts, as the portable kernel is slow; the last one is the longest.
    for text in texts().iter().step_by(5).chain(texts().last()) {
        let exact = bits(Kernel::Portable, text);
        for kernel in Kernel::available().into_iter().skip(1) {
            assert_eq!(bits(kernel, text), exact, "{kernel:?}: {text}");
        }
    }
}

#[test]
fn a_text_of_every_length_goes_through_every_kernel() {
    let model = model();

    for count in 1..20 {
        let text = "tea ".repeat(count);
        let exact = model.embed_with(Kernel::Portable, &text);
        assert!(Kernel::available().into_iter().all(|k| model.embed_with(k, &text) == exact));
    }
}

#[test]
fn a_damaged_pack_is_refused_or_gives_numbers_and_never_panics() {
    let [words, layers] = [minilm_words::PACK, minilm_layers::PACK];
    let folder = std::env::temp_dir().join(format!("minilm-damaged-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let refused = |words: &[u8], layers: &[u8]| {
        std::fs::write(folder.join("words.pack"), words).expect("a file");
        std::fs::write(folder.join("layers.pack"), layers).expect("a file");
        Model::from_folder(&folder).is_err()
    };
    let changed = |file: &[u8], at: usize| {
        let mut file = file.to_vec();
        file[at] ^= 0x55;
        file
    };

    let cut_short = refused(&words[..words.len() - 1], layers);
    let swapped = refused(layers, words);
    let changed_words = refused(&changed(words, words.len() / 2), layers);
    let changed_layers = refused(words, &changed(layers, layers.len() - 1));

    std::fs::remove_dir_all(&folder).expect("the folder goes");
    assert!(cut_short && swapped && changed_words && changed_layers);
    // Without the checksum, as the built-in pack is opened.
    for part in 0..20 {
        let words = changed(words, 600 + part * 7919).leak();
        let layers = changed(layers, 600 + part * 104_729);
        if let Ok(model) = Model::from_static(words, layers.leak()) {
            assert_eq!(model.embed("tea at four").len(), 384);
        }
    }
}

#[test]
fn the_committed_files_are_whole_and_small_enough() {
    let files = [minilm_words::PACK, minilm_layers::PACK];

    assert!(files.iter().all(|file| minilm::is_whole(file).expect("a pack")));
    assert!(files.iter().all(|file| file.len() < 10_000_000), "a crate may have ten megabytes");
    assert!(files.iter().map(|file| file.len()).sum::<usize>() <= 18_000_000);
}

#[test]
fn the_packer_makes_the_committed_files() {
    let Some(folder) = std::env::var_os("MINILM_SOURCE").map(PathBuf::from) else {
        // Straight to standard error, which the test runner doesn't hold back.
        let said = "NOT TESTED: set MINILM_SOURCE to the folder of the published weights";
        return writeln!(std::io::stderr(), "{said}").expect("standard error is open");
    };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a file of the source");

    let [words, layers] =
        minilm::write::pack(&read("model.safetensors"), &read("vocab.txt")).expect("a pack");

    assert!(words == minilm_words::PACK && layers == minilm_layers::PACK);
}
