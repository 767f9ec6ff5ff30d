// The creation time written into files.

/** Local time to the second, `20261125T120000`. @type {(date: Date) => string} */
export function time_of(date) {
  const [year, ...parts] = [
    date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds(),
  ];
  const [month, day, ...time] = parts.map((part) => String(part).padStart(2, "0"));
  return `${String(year).padStart(4, "0")}${month}${day}T${time.join("")}`;
}
