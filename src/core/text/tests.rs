//! What each script and kind of compound is cut into, and what holds for every text.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::words::{document, query};
use super::{chars, has_control, is_blank, one_line, slug};

/// Each line: a text, its words for the index, its words for a search.
fn check(table: &str) {
    for line in table.lines().filter(|line| line.contains('|')) {
        let [text, indexed, searched] = line.split('|').map(str::trim).collect::<Vec<_>>()[..]
        else {
            panic!("a line has three columns: {line}");
        };
        assert_eq!(document(text), indexed, "document of {text:?}");
        assert_eq!(query(text).join(" "), searched, "query of {text:?}");
    }
}

/// How many words of a search for `text` there are, and how many are among those of `stored`.
fn hits(text: &str, stored: &str) -> (usize, usize) {
    let (words, document) = (query(text), document(stored));
    let is_held = |word: &&String| document.split(' ').any(|held| held == *word);
    (words.len(), words.iter().filter(is_held).count())
}

fn finds(text: &str, stored: &str) -> bool {
    hits(text, stored).1 > 0
}

#[test]
fn english_is_stemmed_and_loses_its_stop_words_in_queries() {
    check(
        "
        When did the dogs run? | when did the dog run | dog run
        what does it do | what does it do | what does it do
        Don't! John's, we've, I'd | dont john we i | john
        ‘quoted’ it’s James's | quot it jame | quot jame
        O'Brien | obrien o brien | obrien brien
        May URLs PDFs LLMs bus class | may url pdf llm bus class | may url pdf llm bus class
        8th 21ST 5th | 8 21 5 | 8 21 5
    ",
    );
}

#[test]
fn latin_greek_and_cyrillic_lose_case_and_accents() {
    check(
        "
        Café CAFE\u{301} naïve | cafe cafe naiv | cafe naiv
        Straße STRASSE | strass strass | strass
        Ærø Łódź Đà þorn | aero lodz da thorn | aero lodz da thorn
        İstanbul ısı ﬁne | istanbul isi fine | istanbul isi fine
        l'eau qu’il d´accord col·lega | eau il accord collega | eau il accord collega
        ΣΊΣΥΦΟΣ Σίσυφος | σισυφοσ σισυφοσ | σισυφοσ
        Ёлка п’ять | елка пять | елка пять
    ",
    );
}

#[test]
fn arabic_hebrew_and_hindi_are_found_in_any_spelling() {
    check(
        "
        الكِتَـاب كتاب | كتاب كتاب | كتاب
        أحمد احمد مدرسة الله | احمد احمد مدرسه الله | احمد مدرسه الله
        می\u{200C}خواهم ٢٠٢٣ | ميخواهم 2023 | ميخواهم 2023
        שָׁלוֹם צה\"ל צה״ל | שלום צהל צהל | שלום צהל
        हिन्दी क़लम कलम २०२३ | हिन्दी कलम कलम 2023 | हिन्दी कलम 2023
    ",
    );
}

#[test]
fn chinese_and_japanese_become_pairs() {
    check(
        "
        东京 | 东 东京 京 | 东京
        我的猫 | 我 我的 的 的猫 猫 | 我的 的猫 猫
        猫 什么 | 猫 什 什么 么 | 猫
        猫が好き | 猫 猫が が が好 好 好き き | 猫 猫が が好 好 好き
        ｶﾞｿﾘﾝ | ガ ガソ ソ ソリ リ リン ン | ガソ ソリ リン
        Rust言語２０２３年 | rust 言 言語 語 2023 年 | rust 言語 2023
        東京。京都・大阪 | 東 東京 京 京 京都 都 大 大阪 阪 | 東京 京都 大阪
    ",
    );
}

#[test]
fn scripts_with_clusters_keep_marks_with_their_letters() {
    check(
        "
        ง่าย | ง่ ง่า า าย ย | ง่า าย
        ລາວ ๒๕ | ລ ລາ າ າວ ວ 25 | ລາ າວ 25
        ខ្មែរ | ខ្មែ ខ្មែរ រ | ខ្មែរ
        မြန်မာ | မြ မြန် န် န်မာ မာ | မြန် န်မာ
    ",
    );
}

#[test]
fn korean_is_found_with_and_without_particles() {
    check("
        책을 | 책을 책 | 책을 책
        아이 | 아이 | 아이
        서울에서 | 서울에서 서울 울에 에서 | 서울에서 서울
        대학교는 | 대학교는 대학교 대학 학교 교는 | 대학교는 대학교 대학 학교
        Rust는 | rust 는 | rust
        가나다라마바사아자 | 가나 나다 다라 라마 마바 바사 사아 아자 | 가나 나다 다라 라마 마바 바사 사아 아자
    ");
    assert!(finds("서울", "서울은") && finds("책", "책이") && finds("학교", "대학교에서"));
}

#[test]
fn identifiers_are_found_whole_in_pairs_and_in_pieces() {
    check("
        snake_case_name | snakecasename snakecasenam snake snakecas case casenam name | snakecasename snakecasenam snake snakecas case casenam name
        camelCase kebab-case | camelcase camelcas camel case kebabcase kebabcas kebab case | camelcase camelcas camel case kebabcase kebabcas kebab
        HTTPServer2 | httpserver2 http httpserver server server2 2 | httpserver2 http httpserver server server2
        foo::bar | foobar foo bar | foobar foo bar
        src/sqlite.rs | srcsqliters src sqliters sqliter sqlite rs | srcsqliters src sqliters sqliter sqlite rs
        me@x.org | mexorg me xorg x org | mexorg xorg org
        C++ c# F# .NET C/C++ | cplusplus csharp fsharp dotnet ccplusplus c cplusplus | cplusplus csharp fsharp dotnet ccplusplus
        __init__ --flag=on a--b | init flag on a b | init flag b
    ");
    let stored = "get_user_name getUserName get-user-name user.getUserName()";
    let searched = "getUserName|get_user_name|user name|username|userName|names";
    for stored in stored.split(' ') {
        for text in searched.split('|') {
            assert!(finds(text, stored), "{text} finds {stored}");
        }
    }
    assert!(finds("youtube", "YouTube") && finds("e-mail", "e-mails") && finds("emails", "e-mail"));
}

#[test]
fn numbers_keep_apart_what_only_punctuation_tells_apart() {
    check(
        "
        v1.2.3 | 1·2·3 1 1·2 2 2·3 3 | 1·2·3 1·2 2·3
        3.14 314 | 3·14 3 14 314 | 3·14 14 314
        1,000,000.50 1,2 | 1000000·50 1000000 50 1 2 | 1000000·50 1000000 50 1 2
        2023-05-08 | 20230508 2023 202305 5 0508 8 | 20230508 2023 202305 5 0508 8
        10:30 10am ½ | 10·30 10 30 10am 10 am 1·2 1 2 | 10·30 10 30 10am 1·2
    ",
    );
    assert!(hits("2023-05-08", "2023-05-08T10:30:00Z") == (6, 6) && finds("1.2", "version v1.2.3"));
    assert!(finds("May 8", "May 8th") && finds("8", "2023-05-08") && !finds("3.14", "314"));
}

#[test]
fn opaque_identifiers_stay_whole() {
    check(
        "
        01ARZ3NDEKTSV4RRFFQ69G5FAV | 01arz3ndektsv4rrffq69g5fav | 01arz3ndektsv4rrffq69g5fav
        mem_01ARZ3NDEK | mem01arz3ndek mem 01arz3ndek | mem01arz3ndek mem 01arz3ndek
        deadbeef12 3f2a1bc | deadbeef12 3f2a1bc | deadbeef12 3f2a1bc
        sha256 | sha256 sha 256 | sha256 sha 256
    ",
    );
    let long = "x".repeat(200);
    assert_eq!(document(&format!("{long} b")), format!("{} b", &long[..64]));
    assert!(finds("550e8400", "550e8400-e29b-41d4-a716-446655440000"));
}

#[test]
fn emoji_are_words_and_signs_are_not() {
    check(
        "
        ok👍🏽❤️ | ok 👍 ❤ | ok 👍 ❤
        👨\u{200D}👩 🇩🇪🇫🇷 1️⃣ | 👨 👩 🇩🇪 🇫🇷 1 | 👨 👩 🇩🇪 🇫🇷 1
        Rust™ → € © % … | rust | rust
        \0\u{1}\u{85}\u{200B}\u{202E} .,;!?\"'()-_/、。「」 |  |
        soft\u{AD}ened zero\u{200B}width | soften zerowidth | soften zerowidth
    ",
    );
}

#[test]
fn a_query_is_distinct_and_bounded() {
    let many: Vec<String> = (0..200).map(|number| format!("w{number}x w{number}x")).collect();

    let words = query(&many.join(" "));

    assert_eq!(words.len(), 64);
    assert_eq!(query("tea Tea TEA teas"), ["tea"]);
}

#[test]
fn a_line_is_cut_between_words() {
    let rows = [
        ("\n \t\nfirst   line\r\nsecond", 100, "first line"),
        ("four words and more", 12, "four words…"),
        ("four words", 10, "four words"),
        ("four words more", 10, "four…"),
        ("a unbreakablelongword", 12, "a unbreakab…"),
        ("東京タワーへ行く", 4, "東京タ…"),
        ("cafe\u{301}s here", 5, "caf…"),
        ("x\u{0}y", 10, "x y"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
        (" \u{200B}\n", 9, ""),
    ];
    for (text, most, line) in rows {
        assert_eq!(one_line(text, most), line, "{text:?} in {most}");
    }
}

#[test]
fn a_name_becomes_an_identifier() {
    let rows = [
        ("Night Owl (beta)", 64, "night-owl-beta"),
        ("__Café_9 ", 64, "cafe_9"),
        ("cursor--vscode", 7, "cursor"),
        ("東京", 64, "agent"),
        ("", 3, "age"),
        ("x", 0, "x"),
    ];
    for (text, most, name) in rows {
        assert_eq!(slug(text, most), name, "{text:?} in {most}");
    }
}

#[test]
fn blanks_controls_and_lengths_are_told() {
    assert!(is_blank("") && is_blank(" \n\u{3000}\u{200B}\u{FEFF}\0") && !is_blank(" x"));
    assert!(has_control("a\u{1B}") && has_control("a\r\n") && !has_control("a\n\tb\u{200D}"));
    assert_eq!(chars("añ東👍"), 4);
}

/// Pieces of text that reach every branch more often than random characters do.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z']{1,9}",
        "[a-zA-Z0-9_./:@&'+#,T-]{1,14}",
        "[vV]?[0-9]{1,4}([.,:/T-][0-9]{1,3}){0,4}",
        "[\u{AC00}-\u{AC40}은는을에서]{1,10}",
        "[東京猫がへー的aA1ｱﾞ]{1,8}",
        "[\u{0E01}-\u{0E4E}\u{1000}-\u{103F}\u{1780}-\u{17D3}]{1,12}",
        "[a-zßéİΣاأלَ\"\u{5F4}\u{300}\u{200D}\u{FE0F}😀🇩🏽]{1,9}",
        "\\PC{1,12}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn every_word_can_be_stored(words in prop::collection::vec(word(), 0..8), space in "[ \n、]?") {
        let text = words.join(&space);

        let document = document(&text);

        let stored = document.split(' ').map(str::to_owned).filter(|_| !document.is_empty());
        for word in stored.chain(query(&text)) {
            let is_break = |c: char| c.is_ascii() || c.is_whitespace() || c.is_control();
            let is_kept = |c: char| matches!(c, 'a'..='z' | '0'..='9') || !is_break(c);
            prop_assert!(!word.is_empty() && word.chars().all(is_kept), "{word:?} of {text:?}");
            prop_assert!(chars(&word) <= 64, "{word:?}");
        }
    }

    #[test]
    fn a_part_of_a_text_finds_the_text(
        words in prop::collection::vec(word(), 1..8), start in 0usize..8, end in 0usize..8,
    ) {
        let text = words.join(" ");
        let whole: Vec<&str> = text.split_whitespace().collect();
        let end = end.min(whole.len());
        let part = whole[start.min(end)..end].join(" ");

        let (words, held) = hits(&part, &text);
        prop_assert_eq!(words, held, "{:?} in {:?}", query(&part), document(&text));
    }

    #[test]
    fn output_is_linear(words in prop::collection::vec(word(), 0..30), space in "[ _./-]?") {
        let text = words.join(&space);

        let found = document(&text);

        let length = text.nfkc().count();
        prop_assert!(found.split(' ').count() <= 3 * length + 1, "{text:?}");
        prop_assert!(query(&text).len() <= 64);
    }

    #[test]
    fn lines_and_names_hold_their_bounds(text in word(), most in 0usize..20) {
        let line = one_line(&text, most);
        let name = slug(&text, most);

        prop_assert!(chars(&line) <= most && !line.chars().any(char::is_control), "{line:?}");
        prop_assert!(!name.is_empty() && name.len() <= most.max(1), "{name:?}");
        prop_assert!(name.bytes().all(|b| matches!(b, b'-' | b'_' | b'a'..=b'z' | b'0'..=b'9')));
    }
}
