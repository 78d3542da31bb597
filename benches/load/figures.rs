//! From samples to a table.

use std::fmt;

/// Samples of one thing, in one unit.
#[derive(Debug, Default, Clone)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn add(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn median(&self) -> f64 {
        self.at(50)
    }

    /// The value that so many in a hundred samples don't exceed: by nearest rank, so that no value
    /// is shown that wasn't measured.
    pub fn at(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1).expect("something was measured");
        sorted[(last * percent + 50) / 100]
    }

    /// Each sample with its counterpart of the same turn.
    pub fn and(&self, others: &Self) -> Self {
        Self(self.0.iter().zip(&others.0).map(|(one, other)| one + other).collect())
    }

    /// Each sample by its counterpart of the same turn.
    pub fn by(&self, others: &Self) -> Self {
        Self(self.0.iter().zip(&others.0).map(|(ours, other)| ours / other).collect())
    }
}

/// Median, least and most.
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.at(0), self.at(100));
        let median = self.median();
        let places = if median < 10.0 { 2 } else { usize::from(median < 1000.0) };
        write!(f, "{median:.places$} ({least:.places$} to {most:.places$})")
    }
}

/// What was measured, line by line.
#[derive(Default)]
pub struct Table(Vec<[String; 4]>);

impl Table {
    /// Adds a line; the target may be empty.
    pub fn line(&mut self, what: &str, figure: impl fmt::Display, unit: &str, target: &str) {
        let line = [what, &figure.to_string(), unit, target].map(str::to_owned);
        eprintln!("  {}  {} {}", line[0], line[1], line[2]);
        self.0.push(line);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["measured", "figure", "unit", "target"].map(str::to_owned);
        let rule = ["---"; 4].map(str::to_owned);
        let lines = || [&head, &rule].into_iter().chain(&self.0);
        let width = |column: usize| lines().map(|line| line[column].len()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2), width(3)];
        for line in lines() {
            for (cell, width) in line.iter().zip(widths) {
                write!(f, "| {cell:width$} ")?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}
