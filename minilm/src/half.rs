//! Half floats (IEEE 754 binary16), in which a pack keeps scales and positions.

/// The value of a half float.
pub(crate) fn widen(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let (exponent, fraction) = (u32::from(half >> 10) & 31, u32::from(half) & 1023);
    match exponent {
        // Below the smallest normal one: multiples of 2⁻²⁴.
        0 => f32::from_bits(sign | (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | (fraction << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (fraction << 13)),
    }
}

/// The half float next to a value, to even where two are as near; infinity above their range.
pub(crate) fn narrow(value: f32) -> u16 {
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let size = value.abs();
    if size >= 65520.0 {
        return sign | 0x7c00;
    }
    // Adding a number whose last bit is worth half a step makes the processor round.
    let least = f32::from_bits((size.to_bits() & 0x7f80_0000).max(113 << 23));
    let step = least * f32::from_bits(0x4600_0000);
    let rounded = (size + step) - step;
    let bits = rounded.to_bits();
    if rounded < f32::from_bits(113 << 23) {
        let fraction = rounded * f32::from_bits(0x4b80_0000);
        return sign | fraction as u16;
    }
    sign | ((bits >> 13) - (112 << 10)) as u16
}

#[cfg(test)]
mod tests {
    use super::{narrow, widen};

    #[test]
    fn every_half_float_comes_back() {
        for half in (0..=u16::MAX).filter(|half| half & 0x7fff <= 0x7c00) {
            assert_eq!(narrow(widen(half)), half);
        }
    }

    #[test]
    fn what_lies_between_goes_to_the_nearer_one_and_to_even() {
        let step = 1.0 / 1024.0;
        let nearest = |value: f32| widen(narrow(value)).to_bits();

        assert_eq!(nearest(1.0 + 0.4 * step), 1.0_f32.to_bits());
        assert_eq!(nearest(1.0 + 0.6 * step), (1.0 + step).to_bits());
        assert_eq!(nearest(1.0 + 0.5 * step), 1.0_f32.to_bits());
        assert_eq!(nearest(1.0 + 1.5 * step), (1.0 + 2.0 * step).to_bits());
        assert_eq!(nearest(-2.0), (-2.0_f32).to_bits());
        assert!(widen(narrow(1e9)).is_infinite());
    }
}
