import type { SeededRandom } from "./random.ts";

type List = readonly [string, ...string[]];

/** Given and family names by script. Invented pairings; no one in particular. */
const NAMES: readonly [NameSet, ...NameSet[]] = [
  {
    given: ["Ada", "Grace", "Linus", "Dennis", "Margaret", "Alan", "Barbara", "Edsger", "Frances", "Ken"],
    family: ["Smith", "Johnson", "O'Brien", "D'Angelo", "McDonald", "van der Berg", "St. John", "Baker-Hall"],
  },
  {
    given: ["José", "Zoë", "François", "Søren", "Łukasz", "Jürgen", "Ñandú", "Åsa", "Þóra", "Đurđa", "İpek"],
    family: [
      "Müller",
      "García Márquez",
      "Björnsdóttir",
      "Dvořák",
      "Šimić",
      "Çelik",
      "Straße",
      "Nuñez",
      "Żak",
    ],
  },
  { given: ["Анна", "Дмитрий", "Олексій", "Цветана"], family: ["Иванова", "Ґалаґан", "Ђорђевић", "Щербак"] },
  { given: ["Ελένη", "Γιώργος", "Σοφία"], family: ["Παπαδόπουλος", "Αγγελίδης", "Ψυχάρης"] },
  { given: ["伟", "雨桐", "太郎", "さくら", "美咲"], family: ["王", "欧阳", "山田", "髙橋", "𠮷野"] },
  { given: ["민준", "서연", "하은"], family: ["김", "이", "남궁"] },
  { given: ["محمد", "فاطمة", "لیلا"], family: ["الأندلسي", "حسن", "کریمی"] },
  { given: ["נועה", "יוסף", "שָׂרָה"], family: ["כהן", "לוי", "בן־דוד"] },
  { given: ["प्रिया", "अर्जुन", "লক্ষ্মী", "தமிழ்"], family: ["शर्मा", "पाटील", "চট্টোপাধ্যায়", "முருகன்"] },
  { given: ["สมชาย", "Nguyễn", "ქეთევან", "Արմեն"], family: ["ใจดี", "Thị Hằng", "ბერიძე", "Սարգսյան"] },
];

interface NameSet {
  readonly given: List;
  readonly family: List;
}

const DOMAINS: List = [
  "example.com",
  "example.org",
  "example.net",
  "mail.example.com",
  "Example.COM",
  "students.example.edu",
  "a.b.c.example",
  "bücher.example",
  "例え.example",
];

/** A given and a family name of one script; most are of the Latin one. */
export function drawName(random: SeededRandom): readonly [given: string, family: string] {
  const set = random.chance(0.5) ? NAMES[0] : random.pick(NAMES);
  return [random.pick(set.given), random.pick(set.family)];
}

/** A handle as people make them up, from plain ASCII to what a form without rules lets through. */
export function drawHandle(random: SeededRandom): string {
  const [given, family] = drawName(random);
  const plain = asciiLetters(given + family) || `user${random.integer(1, 99_999)}`;
  const year = random.integer(1950, 2012);
  return random.pick([
    plain.toLowerCase(),
    `${plain.toLowerCase()}${random.integer(1, 9999)}`,
    `${plain}_${year}${random.hex(2)}`,
    `${plain.toLowerCase().slice(0, 12)}-${random.hex(4)}`,
    `xX_${plain}${random.integer(1, 999)}_Xx`,
    `${given}.${family}${random.integer(1, 999)}`,
    `${given} ${family} ${random.integer(2, 99)}`,
    `${given}${year}`,
  ]);
}

/** An address as real ones are: dots, plus-tags, apostrophes, odd case, other scripts. */
export function drawEmail(random: SeededRandom): string {
  const [given, family] = drawName(random);
  const first = asciiLetters(given).toLowerCase() || `user${random.integer(1, 99_999)}`;
  const last = family.includes("'") ? family.replaceAll(" ", "") : asciiLetters(family) || random.hex(5);
  const local = random.pick([
    `${first}.${last.toLowerCase()}`,
    `${first}.${last}${random.integer(1, 999)}`,
    `${first}+${random.pick(["news", "shop", "a.b", "2024"])}`,
    `${last}${random.integer(1, 99)}`,
    `${first.toUpperCase()}_${last.toUpperCase()}`,
    `${given}.${family}`.replaceAll(" ", "_"),
  ]);
  return `${local}@${random.pick(DOMAINS)}`;
}

/** A moment between 2012 and 2025, as PostgreSQL prints it in UTC, to the microsecond. */
export function drawMoment(random: SeededRandom): string {
  const seconds = random.integer(Date.UTC(2012, 0, 1) / 1000, Date.UTC(2025, 11, 31) / 1000);
  const [date, time] = new Date(seconds * 1000).toISOString().slice(0, 19).split("T");
  const fraction = random.chance(0.1) ? "" : String(random.integer(1, 999_999)).padStart(6, "0");
  const shown = fraction.replace(/0+$/, "");
  return `${date} ${time}${shown === "" ? "" : `.${shown}`}+00`;
}

/** The first `length` characters as PostgreSQL counts them: code points. */
export function clip(text: string, length: number): string {
  return [...text].slice(0, length).join("");
}

function asciiLetters(text: string): string {
  return text.normalize("NFD").replace(/[^A-Za-z]/g, "");
}
