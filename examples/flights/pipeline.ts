// Everything that is exported from here is part of the project.
export { airports, flights, rawFlights, rejected } from './flights.ts'
export { airportDays, airportTotals, dayTotals, routeDays, routeRanking, routeTotals } from './delays.ts'
export { backtest, forecast } from './forecast.ts'
export { report } from './report.ts'
export { everything, morning, newFile, summary } from './automation.ts'
