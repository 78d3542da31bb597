//! How long a text takes, by its length and kernel, on one thread.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use minilm::{Kernel, Model};

fn embed(c: &mut Criterion) {
    let model = Model::from_static(minilm_words::PACK, minilm_layers::PACK).expect("a pack");
    for kernel in Kernel::available() {
        let mut group = c.benchmark_group(format!("{kernel:?}"));
        for pieces in [8, 20, 64, 128, 256] {
            let text = "tea ".repeat(pieces - 2);
            assert_eq!(model.pieces(&text).len(), pieces);
            group.bench_function(pieces.to_string(), |b| {
                b.iter(|| model.embed_with(kernel, black_box(&text)));
            });
        }
    }
}

fn open(c: &mut Criterion) {
    c.bench_function("open", |b| {
        b.iter(|| Model::from_static(black_box(minilm_words::PACK), minilm_layers::PACK));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = embed, open
}
criterion_main!(benches);
