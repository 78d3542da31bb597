//! Making a pack from published weights: the same bytes every time, on every machine.
//!
//! A weight is divided by its channel's step and rounded; the whole numbers are coded by how often
//! they occur (`code.rs`). What a step is worth was measured: each matrix was rounded alone and the
//! vectors held against exact ones. The matrices that make queries and keys bear coarse steps, those
//! that make values need fine ones, and with every matrix as fine as it needs, both files stay below
//! 18 MB at a cosine of 0.999.

use std::fmt;

use crate::Shape;
use crate::code::{LONGEST, in_order};
use crate::half::{narrow, widen};
use crate::pack::{Header, Part, STREAMS, checksum};

/// SHA-256 of `model.safetensors` of all-MiniLM-L6-v2.
pub const SOURCE: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";

/// SHA-256 of its `vocab.txt`.
pub const VOCABULARY: &str = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3";

const LAYERS: usize = 6;
const HEADS: usize = 12;
const WIDTH: usize = 384;
const INNER: usize = 1536;
const PIECES: usize = 30522;
const TOKENS: usize = 256;

/// Steps in the root mean square of a channel's weights: queries, keys, values, mix, inner, outer.
const STEPS: [[f32; 6]; LAYERS] = [
    [18.0, 13.0, 56.0, 44.0, 45.0, 39.0],
    [21.0, 31.0, 56.0, 29.0, 47.0, 28.0],
    [27.0, 28.0, 56.0, 32.0, 40.0, 29.0],
    [26.0, 27.0, 56.0, 40.0, 49.0, 35.0],
    [25.0, 24.0, 56.0, 44.0, 50.0, 45.0],
    [22.0, 30.0, 56.0, 44.0, 38.0, 38.0],
];

/// The same for rows of embeddings: pieces that are in most texts, and all others.
const COMMON_STEPS: f32 = 22.0;
const OTHER_STEPS: f32 = 9.3;

/// The same for rows of places, of which each text has many.
const PLACE_STEPS: f32 = 40.0;

/// Pieces below this number are single characters and the most frequent words.
const FIRST_RARE: usize = 3000;

/// Mean square, times the width, of what is added to an embedding for its place: an embedding that is
/// smaller than that bears coarser steps.
const PLACES_SQUARED: f64 = 0.2;

/// Why no pack was made.
#[derive(Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The weights or the vocabulary are others than the published ones.
    OtherSource,
    /// A tensor isn't there, or not of the expected size.
    Missing(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::OtherSource => {
                f.write_str("the checksum isn't that of the published model")
            }
            WriteError::Missing(name) => write!(f, "no tensor `{name}` of the expected size"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Makes the two files of a pack ([`crate::FILES`]) from `model.safetensors` and `vocab.txt`.
///
/// # Errors
/// If these aren't those of all-MiniLM-L6-v2.
pub fn pack(weights: &[u8], vocabulary: &[u8]) -> Result<[Vec<u8>; 2], WriteError> {
    if checksum(weights) != SOURCE || checksum(vocabulary) != VOCABULARY {
        return Err(WriteError::OtherSource);
    }
    let source = Tensors::new(weights).ok_or(WriteError::OtherSource)?;
    let shape = Shape {
        model: "all-MiniLM-L6-v2".to_owned(),
        source: SOURCE.to_owned(),
        licence: "Apache-2.0".to_owned(),
        dimensions: WIDTH,
        layers: LAYERS,
        heads: HEADS,
        inner: INNER,
        vocabulary: PIECES,
        tokens: TOKENS,
    };
    let mut words = Payload::default();
    words.text(vocabulary);
    write_table(&source, vocabulary, &mut words)?;
    let mut layers = Payload::default();
    for layer in 0..LAYERS {
        write_layer(&source, layer, &mut layers)?;
    }
    let file = |part: Part, payload: Payload| {
        let checksum = checksum(&payload.0);
        let header = Header { part: part.name().to_owned(), shape: shape.clone(), checksum };
        [header.written().into_bytes(), payload.0].concat()
    };
    Ok([file(Part::Words, words), file(Part::Layers, layers)])
}

/// The tensors of a `.safetensors` file: a length, a JSON object, the numbers.
struct Tensors<'a> {
    header: &'a str,
    numbers: &'a [u8],
}

impl<'a> Tensors<'a> {
    fn new(file: &'a [u8]) -> Option<Tensors<'a>> {
        let (length, rest) = file.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (header, numbers) = rest.split_at_checked(length)?;
        Some(Tensors { header: std::str::from_utf8(header).ok()?, numbers })
    }

    /// The numbers of a tensor. The checksum has settled what the file is, so its header needs no
    /// parser: the first offsets after the name are the tensor's.
    fn get(&self, name: &str, count: usize) -> Result<Vec<f32>, WriteError> {
        let found = || {
            let (_, entry) = self.header.split_once(&format!("\"{name}\":{{\"dtype\":\"F32\""))?;
            let (_, offsets) = entry.split_once("\"data_offsets\":[")?;
            let (start, rest) = offsets.split_once(',')?;
            let (end, _) = rest.split_once(']')?;
            let bytes = self.numbers.get(start.parse().ok()?..end.parse().ok()?)?;
            Some(bytes.as_chunks::<4>().0.iter().map(|float| f32::from_le_bytes(*float)).collect())
        };
        let values: Option<Vec<f32>> = found();
        values
            .filter(|values| values.len() == count)
            .ok_or_else(|| WriteError::Missing(name.to_owned()))
    }
}

/// Sections, each after its length.
#[derive(Default)]
struct Payload(Vec<u8>);

impl Payload {
    fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("a section is far below 4 GB");
        self.0.extend(length.to_le_bytes());
        self.0.extend(bytes);
    }

    fn floats(&mut self, values: &[f32]) {
        self.bytes(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
    }

    fn halves(&mut self, values: &[u16]) {
        self.bytes(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
    }

    fn code(&mut self, code: &Lengths) {
        self.bytes(&[&code.lowest.to_le_bytes()[..], &code.sizes].concat());
    }

    /// A text, its bytes coded.
    fn text(&mut self, text: &[u8]) {
        let values: Vec<i16> = text.iter().map(|byte| i16::from(*byte)).collect();
        let code = Lengths::of(values.iter());
        let length = u32::try_from(text.len()).expect("a text is far below 4 GB");
        self.bytes(&length.to_le_bytes());
        self.code(&code);
        self.bytes(&code.write([&values[..]]));
    }

    /// Rows of which each can be decoded alone.
    fn coded(&mut self, rows: Vec<Rounded>) {
        let code = Lengths::of(rows.iter().flat_map(|row| &row.values));
        let coded: Vec<Vec<u8>> = rows.iter().map(|row| code.write([&row.values[..]])).collect();
        let least = coded.iter().map(Vec::len).filter(|length| *length > 0).min().unwrap_or(1);
        let least = least - 1;
        let lengths = coded.iter().map(|row| u8::try_from(row.len().saturating_sub(least)));
        let lengths: Vec<u8> = lengths.map(|length| length.expect("rows are alike")).collect();
        let least = u16::try_from(least).expect("a row is short");
        self.halves(&rows.iter().map(|row| row.scale).collect::<Vec<_>>());
        self.code(&code);
        self.bytes(&[&least.to_le_bytes()[..], &lengths].concat());
        self.bytes(&coded.concat());
    }

    /// A matrix, of which all is decoded at once.
    fn matrix(&mut self, rows: Vec<Rounded>, biases: Vec<f32>) {
        let code = Lengths::of(rows.iter().flat_map(|row| &row.values));
        self.halves(&rows.iter().map(|row| row.scale).collect::<Vec<_>>());
        self.halves(&biases.into_iter().map(narrow).collect::<Vec<_>>());
        self.code(&code);
        for stream in 0..STREAMS {
            let rows = rows.iter().skip(stream).step_by(STREAMS);
            self.bytes(&code.write(rows.map(|row| &row.values[..])));
        }
    }
}

fn write_table(
    source: &Tensors<'_>,
    vocabulary: &[u8],
    payload: &mut Payload,
) -> Result<(), WriteError> {
    let name = "embeddings.LayerNorm";
    let weights = source.get(&format!("{name}.weight"), WIDTH)?;
    let biases = source.get(&format!("{name}.bias"), WIDTH)?;
    let kinds = source.get("embeddings.token_type_embeddings.weight", 2 * WIDTH)?;
    let places = source.get("embeddings.position_embeddings.weight", 512 * WIDTH)?;
    let rows = source.get("embeddings.word_embeddings.weight", PIECES * WIDTH)?;
    let weighted = |row: &[f32]| row.iter().zip(&weights).map(|(v, w)| v * w).collect::<Vec<_>>();
    let usual = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>() / WIDTH as f64;
    let size = |square: f64| (square / WIDTH as f64).sqrt() * usual;

    payload.floats(&weights);
    payload.floats(&biases);
    let places = places.chunks_exact(WIDTH).take(TOKENS).map(|place| {
        // Every text is of the first kind.
        let place: Vec<f32> = place.iter().zip(&kinds).map(|(place, kind)| place + kind).collect();
        Rounded::new(&weighted(&place), size(square(&place)), PLACE_STEPS)
    });
    payload.coded(places.collect());
    let pieces = vocabulary.split(|byte| *byte == b'\n');
    let rows = pieces.zip(rows.chunks_exact(WIDTH)).enumerate().map(|(number, (piece, row))| {
        let steps = if is_common(number, piece) { COMMON_STEPS } else { OTHER_STEPS };
        let mut row = Rounded::new(&weighted(row), size(square(row) + PLACES_SQUARED), steps);
        // Rows that were never trained are noise, and no text has their pieces.
        if piece.starts_with(b"[unused") {
            row.values.clear();
        }
        row
    });
    payload.coded(rows.collect());
    Ok(())
}

fn square(row: &[f32]) -> f64 {
    row.iter().map(|value| f64::from(*value) * f64::from(*value)).sum()
}

/// Whether a piece is in most texts: single characters of any script, frequent words, ends of texts.
fn is_common(number: usize, piece: &[u8]) -> bool {
    let text = String::from_utf8_lossy(piece);
    let bare = text.strip_prefix("##").unwrap_or(&text);
    number < FIRST_RARE || bare.chars().count() == 1
}

fn write_layer(
    source: &Tensors<'_>,
    layer: usize,
    payload: &mut Payload,
) -> Result<(), WriteError> {
    let name = |rest: &str| format!("encoder.layer.{layer}.{rest}");
    let part = |rest: &str, channels: usize, inputs: usize, steps: usize| {
        let weights = source.get(&name(&format!("{rest}.weight")), channels * inputs)?;
        let rows = weights.chunks_exact(inputs).map(|row| {
            Rounded::new(row, (square(row) / inputs as f64).sqrt(), STEPS[layer][steps])
        });
        let biases = source.get(&name(&format!("{rest}.bias")), channels)?;
        Ok((rows.collect::<Vec<_>>(), biases))
    };
    let norm = |rest: &str, payload: &mut Payload| {
        payload.floats(&source.get(&name(&format!("{rest}.weight")), WIDTH)?);
        payload.floats(&source.get(&name(&format!("{rest}.bias")), WIDTH)?);
        Ok(())
    };
    let three = ["query", "key", "value"]
        .iter()
        .enumerate()
        .map(|(at, kind)| part(&format!("attention.self.{kind}"), WIDTH, WIDTH, at));
    let three = three.collect::<Result<Vec<_>, _>>()?;
    let (rows, biases): (Vec<_>, Vec<_>) = three.into_iter().unzip();
    payload.matrix(rows.into_iter().flatten().collect(), biases.concat());
    let (rows, biases) = part("attention.output.dense", WIDTH, WIDTH, 3)?;
    payload.matrix(rows, biases);
    norm("attention.output.LayerNorm", payload)?;
    let (rows, biases) = part("intermediate.dense", INNER, WIDTH, 4)?;
    payload.matrix(rows, biases);
    let (rows, biases) = part("output.dense", WIDTH, INNER, 5)?;
    payload.matrix(rows, biases);
    norm("output.LayerNorm", payload)
}

/// A row of whole numbers, and as a half float what they are to be multiplied with.
struct Rounded {
    values: Vec<i16>,
    scale: u16,
}

impl Rounded {
    /// Rounds a row of a certain size to so many steps in that size.
    fn new(row: &[f32], size: f64, steps: f32) -> Rounded {
        let scale = narrow((size / f64::from(steps)) as f32);
        let step = widen(scale);
        let values = row.iter().map(|value| (value / step).round_ties_even() as i16);
        Rounded { values: values.collect(), scale }
    }
}

/// The lengths of code words.
struct Lengths {
    lowest: i16,
    sizes: Vec<u8>,
    words: Vec<u16>,
}

impl Lengths {
    /// The best code for some values.
    fn of<'a>(values: impl Iterator<Item = &'a i16> + Clone) -> Lengths {
        let lowest = values.clone().min().copied().unwrap_or(0);
        let highest = values.clone().max().copied().unwrap_or(0).max(lowest + 1);
        let at = |value: i16| usize::try_from(value - lowest).unwrap_or(0);
        let mut counts = vec![0_u64; at(highest) + 1];
        for value in values {
            counts[at(*value)] += 1;
        }
        let lengths = best_lengths(&counts);
        let mut words = vec![0; lengths.len()];
        let mut next = 0_u32;
        for (at, length) in in_order(&lengths) {
            words[at] = (next >> (LONGEST - usize::from(length))) as u16;
            next += 1 << (LONGEST - usize::from(length));
        }
        Lengths { lowest, sizes: lengths, words }
    }

    /// Some values, coded; the last byte is filled with zeros.
    fn write<'a>(&self, rows: impl IntoIterator<Item = &'a [i16]>) -> Vec<u8> {
        let (mut bytes, mut held, mut count) = (Vec::new(), 0_u32, 0);
        for value in rows.into_iter().flatten() {
            let at = usize::try_from(value - self.lowest).unwrap_or(0);
            held = (held << self.sizes[at]) | u32::from(self.words[at]);
            count += self.sizes[at];
            while count >= 8 {
                count -= 8;
                bytes.push((held >> count) as u8);
            }
        }
        if count > 0 {
            bytes.push((held << (8 - count)) as u8);
        }
        bytes
    }
}

/// Lengths of at most [`LONGEST`] bits for values that occur so often, by merging packages (Larmore
/// and Hirschberg). Values that don't occur get 0.
fn best_lengths(counts: &[u64]) -> Vec<u8> {
    let mut singles: Vec<(u64, Vec<usize>)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(at, count)| (*count, vec![at]))
        .collect();
    if singles.len() < 2 {
        // A code needs two words to be complete.
        let other = singles.first().map_or(0, |(_, at)| usize::from(at[0] == 0));
        singles.push((0, vec![other]));
    }
    singles.sort();
    let wanted = 2 * singles.len() - 2;
    let mut merged = singles.clone();
    for _ in 1..LONGEST {
        let pairs = merged.chunks_exact(2);
        let packages: Vec<_> =
            pairs.map(|two| (two[0].0 + two[1].0, [&two[0].1[..], &two[1].1].concat())).collect();
        merged = [&singles[..], &packages].concat();
        merged.sort();
    }
    let mut lengths = vec![0; counts.len()];
    for at in merged.iter().take(wanted).flat_map(|(_, values)| values) {
        lengths[*at] += 1;
    }
    lengths
}
