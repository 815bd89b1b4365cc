import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { assetsSearch } from './assets/search.ts'
import { NotFound, PageFailed } from './frame/outside.tsx'
import { Shell } from './frame/shell.tsx'
import { chosenSearch } from './partitions/search.ts'
import { eventsSearch } from './events/search.ts'
import { given, runSearch, runsSearch, textIn } from './runs/search.ts'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed })
const getParentRoute = () => root

// A name has slashes in it, as addresses do; one that is empty is the list.
const assetsRoot = createRoute({ getParentRoute, path: '/assets' })
const assets = assetsRoot.addChildren([
  createRoute({
    getParentRoute: () => assetsRoot,
    path: '/',
    validateSearch: assetsSearch,
    component: lazyRouteComponent(() => import('./assets/assets-page.tsx'), 'AssetsPage'),
  }),
  createRoute({
    getParentRoute: () => assetsRoot,
    path: '$',
    validateSearch: chosenSearch,
    component: lazyRouteComponent(() => import('./assets/asset-page.tsx'), 'AssetPage'),
  }),
])

const routeTree = root.addChildren([
  createRoute({
    getParentRoute,
    path: '/',
    validateSearch: ({ owner }: Record<string, unknown>): { readonly owner?: string } =>
      given({ owner: textIn(owner) }),
    component: lazyRouteComponent(() => import('./home/home-page.tsx'), 'HomePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs',
    validateSearch: runsSearch,
    component: lazyRouteComponent(() => import('./runs/runs-page.tsx'), 'RunsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs/compare',
    validateSearch: ({ a, b }: Record<string, unknown>): { readonly a?: string; readonly b?: string } =>
      given({ a: textIn(a), b: textIn(b) }),
    component: lazyRouteComponent(() => import('./runs/compare-page.tsx'), 'ComparePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/runs/$run',
    validateSearch: runSearch,
    component: lazyRouteComponent(() => import('./runs/run-page.tsx'), 'RunPage'),
  }),
  assets,
  createRoute({
    getParentRoute,
    path: '/flows',
    component: lazyRouteComponent(() => import('./flows/flows-page.tsx'), 'FlowsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/flows/$location/$kind/$name',
    validateSearch: ({ from }: Record<string, unknown>): { readonly from?: string } => given({ from: textIn(from) }),
    component: lazyRouteComponent(() => import('./flows/flow-page.tsx'), 'FlowPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/automations',
    component: lazyRouteComponent(() => import('./automations/automations-page.tsx'), 'AutomationsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/automations/new',
    component: lazyRouteComponent(() => import('./automations/schedule-form-page.tsx'), 'ScheduleFormPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/automations/$location/schedule/$name/change',
    component: lazyRouteComponent(() => import('./automations/schedule-form-page.tsx'), 'ScheduleChangePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/automations/$location/$kind/$name',
    component: lazyRouteComponent(() => import('./automations/automation-page.tsx'), 'AutomationPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/backfills',
    component: lazyRouteComponent(() => import('./backfills/backfills-page.tsx'), 'BackfillsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/backfills/$backfill',
    component: lazyRouteComponent(() => import('./backfills/backfill-page.tsx'), 'BackfillPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/events',
    validateSearch: eventsSearch,
    component: lazyRouteComponent(() => import('./events/events-page.tsx'), 'EventsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/settings',
    component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/workers',
    component: lazyRouteComponent(() => import('./workers/workers-page.tsx'), 'WorkersPage'),
  }),
])

/** Every place of the app. Where one is, and what is chosen there, is its address. */
export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
