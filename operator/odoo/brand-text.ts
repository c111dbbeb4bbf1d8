/**
 * A person's words inside HTML, Python and JavaScript. Each form holds only characters that mean nothing in any of the
 * languages around it (XML of a view, JSON of a translated column, a replacement of `regexp_replace`). Pure.
 */

const plain = /[A-Za-z0-9 .,_:;+=/@#-]/

/** Text of an element or an attribute: everything that is not plain ASCII stands as a numeric reference. */
export function htmlText(text: string): string {
  return each(text, (code) => `&#${code};`)
}

/** A string of Python, in double quotes that are written for an XML attribute or text. */
export function pythonLiteral(text: string): string {
  const escaped = each(text, (code) => `\\U${code.toString(16).padStart(8, '0')}`)
  return `'${escaped}'`
}

/** Text in a view of ours: up to 14 what stands there plainly goes to the page unescaped. */
export const viewText = (text: string): string => `<t t-esc="${pythonLiteral(text)}"/>`

/** A string of JavaScript. */
export function scriptLiteral(text: string): string {
  return `'${each(text, (code) => `\\u{${code.toString(16)}}`)}'`
}

/** For `regexp_replace`, in a plain column or inside the JSON of a translated one. */
export function replacement(text: string, type: string): string {
  const inside = type === 'jsonb' ? JSON.stringify(text).slice(1, -1) : text
  return inside.replaceAll('\\', '\\\\')
}

function each(text: string, written: (code: number) => string): string {
  return Array.from(text, (character) =>
    plain.test(character) ? character : written(character.codePointAt(0) ?? 0),
  ).join('')
}
