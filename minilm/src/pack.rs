//! Reading a pack: two files, each a header in plain words and a payload.
//!
//! The header is lines of `name: value`, ended by an empty line; `head` shows it. The words' file has
//! the vocabulary and the embeddings, the layers' file the matrices. Sections of a payload begin with
//! their length (32 bits, low byte first). Words stay where they are; the layers are decoded when a
//! model is opened, as kernels want plain bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::code::{Bits, Code};
use crate::half::widen;
use crate::kernels::{CHANNELS, Line, MOST, TOGETHER};
use crate::network::{Layer, Matrix, Network, Norm, Rest};
use crate::source::Source;
use crate::table::{Coded, Table};
use crate::tokenizer::Tokenizer;
use crate::{PackError, Shape};

/// What a pack begins with: the format's name and version.
pub(crate) const MAGIC: &str = "minilm-pack 1\n";

/// How long a header may be.
const LONGEST_HEADER: usize = 4096;

/// Streams of bits of a matrix: channel n lies in stream n mod 4. One waits for itself; four don't.
pub(crate) const STREAMS: usize = 4;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Words,
    Layers,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Words => "words",
            Part::Layers => "layers",
        }
    }
}

/// The header of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) part: String,
    pub(crate) shape: Shape,
    pub(crate) checksum: String,
}

impl Header {
    /// The header as it stands in the file.
    pub(crate) fn written(&self) -> String {
        let Shape { model, source, licence, .. } = &self.shape;
        let mut text = format!("{MAGIC}part: {}\nmodel: {model}\n", self.part);
        let _ = writeln!(text, "source: sha256:{source}\nlicence: {licence}");
        for (name, value) in self.shape.numbers() {
            let _ = writeln!(text, "{name}: {value}");
        }
        text + &format!("payload: sha256:{}\n\n", self.checksum)
    }

    fn read(bytes: &[u8]) -> Result<(Header, usize), PackError> {
        let start = &bytes[..bytes.len().min(LONGEST_HEADER)];
        let rest = start.strip_prefix(MAGIC.as_bytes()).ok_or(PackError::Foreign)?;
        let end = rest.windows(2).position(|pair| pair == b"\n\n").ok_or(PackError::Damaged)?;
        let lines = std::str::from_utf8(&rest[..end]).map_err(|_| PackError::Damaged)?;
        let value = |name: &str| {
            let mut found = lines.lines().filter_map(|line| line.split_once(": "));
            found.find(|(there, _)| *there == name).map(|(_, value)| value.to_owned())
        };
        let text = |name: &str| value(name).ok_or(PackError::Damaged);
        let digest = |name: &str| {
            text(name)?.strip_prefix("sha256:").map(str::to_owned).ok_or(PackError::Damaged)
        };
        let number = |name: &str| text(name)?.parse::<usize>().map_err(|_| PackError::Damaged);
        let shape = Shape {
            model: text("model")?,
            source: digest("source")?,
            licence: text("licence")?,
            dimensions: number("dimensions")?,
            layers: number("layers")?,
            heads: number("heads")?,
            inner: number("inner")?,
            vocabulary: number("vocabulary")?,
            tokens: number("tokens")?,
        };
        let header = Header { part: text("part")?, shape, checksum: digest("payload")? };
        Ok((header, MAGIC.len() + end + 2))
    }
}

/// What the header of a file says of the model.
pub(crate) fn shape(bytes: &[u8]) -> Result<Shape, PackError> {
    Ok(Header::read(bytes)?.0.shape)
}

/// Whether a file's payload is what its header says.
pub(crate) fn is_whole(bytes: &[u8]) -> Result<bool, PackError> {
    let (header, start) = Header::read(bytes)?;
    Ok(checksum(&bytes[start..]) == header.checksum)
}

/// SHA-256 in hexadecimal.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Opens both files.
pub(crate) fn open(
    words: &Source,
    layers: &Source,
) -> Result<(Shape, Tokenizer, Network), PackError> {
    let header = |of: &Source| Header::read(&of.read(0..of.len().min(LONGEST_HEADER)));
    let ((other, layers_start), (header, start)) = (header(layers)?, header(words)?);
    if header.part != Part::Words.name() || other.part != Part::Layers.name() {
        return Err(PackError::Foreign);
    }
    if header.shape != other.shape {
        return Err(PackError::Mismatch);
    }
    let shape = header.shape;
    shape.check()?;
    let mut sections = Sections { source: words, at: start };
    let tokenizer = Tokenizer::new(sections.text()?, shape.vocabulary)?;
    let norm = sections.norm(shape.dimensions)?;
    if norm.weights.contains(&0.0) {
        return Err(PackError::Damaged);
    }
    let mut places = sections.coded(shape.tokens)?;
    // They are few, and every text wants them.
    places.bits = Source::Held(places.bits.read(0..places.bits.len()).into_owned());
    let pieces = sections.coded(shape.vocabulary)?;
    let table = Table { pieces, places, norm };
    let mut sections = Sections { source: layers, at: layers_start };
    let layers =
        (0..shape.layers).map(|_| layer(&mut sections, &shape)).collect::<Result<_, _>>()?;
    Ok((shape.clone(), tokenizer, Network { table, layers, heads: shape.heads }))
}

/// The sections of a payload, in order.
struct Sections<'a> {
    source: &'a Source,
    at: usize,
}

impl<'a> Sections<'a> {
    fn next(&mut self) -> Result<Range<usize>, PackError> {
        let start = self.at + 4;
        let rest = self.source.len().checked_sub(start).ok_or(PackError::Damaged)?;
        let length = self.source.read(self.at..start);
        let length = length.first_chunk::<4>().ok_or(PackError::Damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > rest {
            return Err(PackError::Damaged);
        }
        self.at = start + length;
        Ok(start..start + length)
    }

    fn bytes(&mut self) -> Result<Cow<'a, [u8]>, PackError> {
        let within = self.next()?;
        Ok(self.source.read(within))
    }

    /// Little-endian half floats.
    fn halves(&mut self, count: usize) -> Result<Vec<f32>, PackError> {
        let bytes = self.bytes()?;
        let halves =
            bytes.chunks_exact(2).map(|half| widen(u16::from_le_bytes([half[0], half[1]])));
        let values: Vec<f32> = halves.collect();
        if bytes.len() != count * 2 || values.iter().any(|value| !value.is_finite()) {
            return Err(PackError::Damaged);
        }
        Ok(values)
    }

    /// Little-endian floats.
    fn floats(&mut self, count: usize) -> Result<Vec<f32>, PackError> {
        let bytes = self.bytes()?;
        let floats = bytes.as_chunks::<4>().0.iter().map(|float| f32::from_le_bytes(*float));
        let values: Vec<f32> = floats.collect();
        if bytes.len() != count * 4 || values.iter().any(|value| !value.is_finite()) {
            return Err(PackError::Damaged);
        }
        Ok(values)
    }

    fn code(&mut self) -> Result<Code, PackError> {
        let bytes = self.bytes()?;
        let (lowest, lengths) = bytes.split_first_chunk::<2>().ok_or(PackError::Damaged)?;
        Code::new(i16::from_le_bytes(*lowest), lengths)
    }

    /// A text, its bytes coded.
    fn text(&mut self) -> Result<Vec<u8>, PackError> {
        let length = (*self.bytes()?).try_into().map_err(|_| PackError::Damaged)?;
        let length = u32::from_le_bytes(length) as usize;
        let code = self.code()?;
        let bytes = self.bytes()?;
        // A code word has at least one bit.
        if length > bytes.len() * 8 {
            return Err(PackError::Damaged);
        }
        let mut bits = Bits::new(&bytes);
        Ok((0..length).map(|_| code.next(&mut bits) as u8).collect())
    }

    /// Rows that stay coded.
    fn coded(&mut self, count: usize) -> Result<Coded, PackError> {
        let scales = self.next()?;
        let code = self.code()?;
        let bytes = self.bytes()?;
        let (least, lengths) = bytes.split_first_chunk::<2>().ok_or(PackError::Damaged)?;
        let least = u32::from(u16::from_le_bytes(*least));
        let within = self.next()?;
        let mut starts = vec![0];
        let mut end = 0;
        for length in lengths {
            // A row that no text wants is empty.
            end += if *length == 0 { 0 } else { least + u32::from(*length) };
            starts.push(end);
        }
        if scales.len() != count * 2 || lengths.len() != count || within.len() != end as usize {
            return Err(PackError::Damaged);
        }
        let scales = self.source.read(scales).into_owned();
        Ok(Coded { bits: self.source.part(within), starts, code, scales })
    }

    fn norm(&mut self, width: usize) -> Result<Norm, PackError> {
        Ok(Norm { weights: self.floats(width)?, biases: self.floats(width)? })
    }
}

fn layer(sections: &mut Sections<'_>, shape: &Shape) -> Result<Layer, PackError> {
    let (width, inner) = (shape.dimensions, shape.inner);
    Ok(Layer {
        attention: matrix(sections, width * 3, width)?,
        mix: matrix(sections, width, width)?,
        mix_norm: sections.norm(width)?,
        inner: matrix(sections, inner, width)?,
        outer: matrix(sections, width, inner)?,
        outer_norm: sections.norm(width)?,
    })
}

fn matrix(
    sections: &mut Sections<'_>,
    channels: usize,
    inputs: usize,
) -> Result<Matrix, PackError> {
    let scales = sections.halves(channels)?;
    let biases = sections.halves(channels)?;
    let code = sections.code()?;
    let streams: [Cow<'_, [u8]>; STREAMS] =
        [sections.bytes()?, sections.bytes()?, sections.bytes()?, sections.bytes()?];
    let mut streams = streams.each_ref().map(|stream| Bits::new(stream));
    let per_block = inputs / TOGETHER;
    let blocks = channels / CHANNELS;
    let mut lines = vec![Line([0; CHANNELS * TOGETHER]); blocks * per_block];
    let mut rests = vec![Vec::new(); blocks];
    for (block, rests) in rests.iter_mut().enumerate() {
        let lines = &mut lines[block * per_block..(block + 1) * per_block];
        for first in (0..CHANNELS).step_by(STREAMS) {
            let mut sizes = [0_u64; STREAMS];
            for input in 0..inputs {
                let line = &mut lines[input / TOGETHER].0;
                for (stream, (bits, size)) in streams.iter_mut().zip(&mut sizes).enumerate() {
                    let channel = first + stream;
                    let value = code.next(bits);
                    let byte = value.clamp(-127, 127);
                    *size += u64::from(value.unsigned_abs());
                    line[channel * TOGETHER + input % TOGETHER] = byte as i8;
                    if value != byte {
                        let (channel, input) = (channel as u16, input as u16);
                        rests.push(Rest { channel, input, value: value - byte });
                    }
                }
            }
            // Sums of products stay within 32 bits, whatever the activations.
            if sizes.iter().any(|size| size * u64::from(MOST.unsigned_abs()) > 0x7fff_ffff) {
                return Err(PackError::Damaged);
            }
        }
    }
    for rests in &mut rests {
        rests.sort_by_key(|rest: &Rest| (rest.channel, rest.input));
    }
    Ok(Matrix { inputs, lines, rests, scales, biases })
}
