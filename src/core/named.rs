//! Enums whose values have names.

/// An enum whose values have one name each, on the wire and in the store alike.
pub trait Named: Copy + PartialEq + 'static {
    /// Every value with its name.
    const NAMES: &'static [(Self, &'static str)];

    /// The name of a value.
    fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(value, _)| *value == self)
            .map(|(_, name)| *name)
            .expect("the table names every value")
    }

    /// The value of a name.
    fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, candidate)| *candidate == name).map(|(value, _)| *value)
    }
}
