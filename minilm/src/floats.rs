//! What is computed in floats, written so that the compiler makes vectors of it and the order of
//! additions stays the same on every processor.

/// Numbers that are added up apart before they are added together.
pub(crate) const LANES: usize = 16;

/// The sum of `of` over a row whose length is a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for values in row.chunks_exact(LANES) {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane += of(*value);
        }
    }
    joined(lanes, |a, b| a + b)
}

/// The largest value of a row whose length is a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn largest(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [f32::MIN; LANES];
    for values in row.chunks_exact(LANES) {
        for (lane, value) in lanes.iter_mut().zip(values) {
            let value = of(*value);
            *lane = if value > *lane { value } else { *lane };
        }
    }
    joined(lanes, |a, b| if a > b { a } else { b })
}

#[inline(always)]
fn joined(mut lanes: [f32; LANES], with: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for at in 0..half {
            lanes[at] = with(lanes[at], lanes[at + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Layer normalisation, in place.
#[inline(always)]
pub(crate) fn normalise(row: &mut [f32], weights: &[f32], biases: &[f32]) {
    let each = 1.0 / row.len() as f32;
    let mean = sum(row, |value| value) * each;
    let spread = sum(row, |value| (value - mean) * (value - mean)) * each;
    let scale = 1.0 / (spread + 1e-12).sqrt();
    for ((value, weight), bias) in row.iter_mut().zip(weights).zip(biases) {
        *value = (*value - mean) * scale * weight + bias;
    }
}

/// 1.5 × 2²³: added to a smaller number, it leaves the nearest whole number in the lowest bits.
const ROUNDING: f32 = 12_582_912.0;

/// The nearest whole number, to even in the middle, of a value between −2²¹ and 2²¹.
#[inline(always)]
pub(crate) fn nearest(value: f32) -> i32 {
    (value + ROUNDING).to_bits().cast_signed().wrapping_sub(ROUNDING.to_bits().cast_signed())
}

/// e to the power of a value of at most 88, to a few units in the last place; 0 or nearly so far
/// below 0.
#[inline(always)]
pub(crate) fn exp(value: f32) -> f32 {
    const BY_LN_2: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first short enough that its multiples are exact.
    const LN_2_FIRST: f32 = 0.693_359_4;
    const LN_2_REST: f32 = -2.121_944_4e-4;
    let value = if value > -87.0 { value } else { -87.0 };
    let whole = value * BY_LN_2 + ROUNDING - ROUNDING;
    let rest = value - whole * LN_2_FIRST - whole * LN_2_REST;
    // Taylor's series: the rest is at most ln 2 / 2 either way.
    let mut sum = 1.0 / 720.0 + rest * (1.0 / 5040.0);
    for factor in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + factor;
    }
    let power = nearest(whole).wrapping_add(127);
    sum * f32::from_bits(power.cast_unsigned() << 23)
}

/// The Gaussian error linear unit, by Abramowitz and Stegun's formula 7.1.26 for the error function
/// (1.5 × 10⁻⁷).
#[inline(always)]
pub(crate) fn gelu(value: f32) -> f32 {
    let x = value * std::f32::consts::FRAC_1_SQRT_2;
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut sum = 1.061_405_4;
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6, 0.0] {
        sum = sum * t + factor;
    }
    let beyond = sum * exp(-(size * size));
    let erf = (1.0 - beyond).copysign(x);
    value * 0.5 * (1.0 + erf)
}

#[cfg(test)]
mod tests {
    use super::{exp, gelu, nearest};

    #[test]
    fn powers_of_e_are_right_to_a_millionth() {
        for at in -8700..=8800 {
            let value = at as f32 / 100.0;
            let exact = f64::from(value).exp();
            assert!((f64::from(exp(value)) / exact - 1.0).abs() < 1e-6, "{value}");
        }
        assert!(exp(-1e9) < 1e-37);
    }

    #[test]
    fn the_unit_agrees_with_an_integral_of_the_bell_curve() {
        let (mut area, step) = (0.5, 1e-4);
        for at in 0..50_000 {
            let x = f64::from(at) * step;
            let bell = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
            if at % 100 == 0 {
                assert!((f64::from(gelu(x as f32)) - x * area).abs() < 2e-6, "{x}");
                assert!((f64::from(gelu(-x as f32)) + x * (1.0 - area)).abs() < 2e-6, "{x}");
            }
            area += step * (bell(x) + bell(x + step)) / 2.0;
        }
    }

    #[test]
    fn the_nearest_whole_number_is_even_in_the_middle() {
        assert_eq!([0.5, 1.5, -0.5, -1.5, 2.4, -2.6].map(nearest), [0, 2, 0, -2, 2, -3]);
        assert_eq!([8191.0, -8191.0].map(nearest), [8191, -8191]);
    }
}
