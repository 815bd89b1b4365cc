import { Link } from '@tanstack/react-router'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { numberText } from '../elements/numbers.ts'
import { Ago } from '../elements/time.tsx'
import { HealthState } from './health-state.tsx'
import type { ListedAsset } from './queries.ts'

/** Assets, a line each. */
export function AssetsTable({ assets }: { readonly assets: readonly ListedAsset[] }) {
  return (
    <ListTable
      label="Assets"
      rows={assets}
      keyOf={({ location, definition }) => `${location} ${definition.name}`}
      columns={[
        {
          head: 'Asset',
          cell: ({ definition: { name } }) => (
            <Link to="/assets/$" params={{ _splat: name }} data-row className={rowLink}>
              {name}
            </Link>
          ),
        },
        {
          head: 'Group',
          cell: ({ definition: { group } }) =>
            group === undefined ? null : (
              <Link to="/assets" search={{ selection: `group:"${group}"` }} className="text-muted hover:underline">
                {group}
              </Link>
            ),
          className: 'hidden md:table-cell',
        },
        { head: 'Health', cell: ({ health }) => (health ? <HealthState health={health.health} /> : null) },
        {
          head: 'Freshness',
          isRare: true,
          cell: ({ freshness }) => freshness?.state,
          className: 'text-muted hidden lg:table-cell',
        },
        {
          head: 'Made',
          cell: ({ latest }) => (latest ? <Ago at={latest.at} /> : <span className="text-muted">never</span>),
        },
        {
          head: 'Partitions',
          cell: ({ definition, partitions }) =>
            definition.partitions === null ? '' : `${numberText(partitions)} made, ${definition.partitions.kind}`,
          className: 'text-muted hidden md:table-cell',
        },
        {
          head: 'Checks',
          cell: ({ definition: { checks } }) => checks.length || '',
          className: 'text-muted hidden lg:table-cell',
        },
        {
          head: 'Owners',
          isRare: true,
          cell: ({ definition: { owners } }) => owners?.join(', '),
          className: 'text-muted hidden md:table-cell',
        },
        {
          head: 'Description',
          isRare: true,
          cell: ({ definition: { description } }) => description,
          className: 'text-muted hidden xl:table-cell',
        },
      ]}
    />
  )
}
