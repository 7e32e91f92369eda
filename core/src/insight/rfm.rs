//! Cut points for RFM bands.

use crate::error::{Error, ErrorKind, Result};

/// The cut points that split a population into bands of as equal size as its values allow: the quantiles 1/bands, 2/bands … by the inverse of the
/// empirical distribution function (Hyndman and Fan 1996, "Sample Quantiles in Statistical Packages", definition 1), so that each is a value that
/// occurs. Cut points that coincide are given once, so there may be fewer than `bands - 1`.
///
/// They are written into the journey file as data: a customer's band then never depends on who else is in a table. Values that are not known (NaN) are
/// left aside.
///
/// ```
/// let cuts = wayfare::rfm_cuts(&[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0], 5)?;
/// assert_eq!(cuts, [20.0, 40.0, 60.0, 80.0]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if `bands` is not 2 to 9, no value is known, or one is infinite.
pub fn rfm_cuts(values: &[f64], bands: usize) -> Result<Vec<f64>> {
    if !(2..=9).contains(&bands) {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{bands} bands: give 2 to 9")));
    }
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
    if sorted.is_empty() || sorted.iter().any(|value| value.is_infinite()) {
        return Err(Error::new(ErrorKind::InvalidArgument, "the values are infinite, or none is known"));
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let mut cuts: Vec<f64> = (1..bands)
        .filter_map(|band| {
            // The least value that at least band/bands of the values do not exceed.
            let rank = (band * sorted.len()).div_ceil(bands);
            sorted.get(rank - 1).copied()
        })
        .collect();
    cuts.dedup();
    Ok(cuts)
}
