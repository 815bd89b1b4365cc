import type { Rule } from './rrule.ts'
import { DAY } from './zone.ts'

/** Days are numbers from 1970-01-01, which was a Thursday; 0 is Monday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
export const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month, day) / DAY

/** Does a day pass what the rule says of months, weeks, days of the year, of the month and of the week? */
export function dayFilter(rule: Rule): (day: number) => boolean {
  const { months, weekNumbers, yearDays, monthDays, weekdays, frequency, weekStart } = rule
  const numbered = frequency === 'YEARLY' || frequency === 'MONTHLY'
  // Months are what a number counts in, where the rule names some.
  const inYear = frequency === 'YEARLY' && months.length === 0
  return (day) => {
    const date = new Date(day * DAY)
    const [year, month, monthDay] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    if (months.length > 0 && !months.includes(month + 1)) return false
    if (monthDays.length > 0) {
      const length = dayOf(year, month + 1, 1) - dayOf(year, month, 1)
      if (!monthDays.includes(monthDay) && !monthDays.includes(monthDay - length - 1)) return false
    }
    if (yearDays.length > 0 && !isNumber(yearDays, day, dayOf(year, 0, 1), dayOf(year + 1, 0, 1))) return false
    if (weekNumbers.length > 0 && !isOfWeek(weekNumbers, day, year, weekStart)) return false
    if (weekdays.length === 0) return true
    const weekday = weekdayOf(day)
    return weekdays.some((one) => {
      if (one.day !== weekday) return false
      if (one.nth === 0 || !numbered) return true
      const [from, to] = inYear
        ? [dayOf(year, 0, 1), dayOf(year + 1, 0, 1)]
        : [dayOf(year, month, 1), dayOf(year, month + 1, 1)]
      return one.nth === (one.nth > 0 ? Math.floor((day - from) / 7) + 1 : -Math.floor((to - 1 - day) / 7) - 1)
    })
  }
}

/** Is it the nth day from `from` on, or before `to`? */
const isNumber = (numbers: readonly number[], day: number, from: number, to: number): boolean =>
  numbers.includes(day - from + 1) || numbers.includes(day - to)

/** Weeks begin at `weekStart`, and the first one of a year has at least four of its days. */
function isOfWeek(numbers: readonly number[], day: number, year: number, weekStart: number): boolean {
  const firstWeek = (ofYear: number): number => {
    const fourth = dayOf(ofYear, 0, 4)
    return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7)
  }
  const own = day < firstWeek(year) ? year - 1 : day >= firstWeek(year + 1) ? year + 1 : year
  const [from, to] = [firstWeek(own), firstWeek(own + 1)]
  const number = Math.floor((day - from) / 7) + 1
  return numbers.includes(number) || numbers.includes(number - (to - from) / 7 - 1)
}
