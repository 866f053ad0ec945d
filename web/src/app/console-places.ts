/** Where staff can go from every page of the console: only where a role of theirs reaches. */
import {
  IconActivityHeartbeat,
  IconArrowsExchange,
  IconBook2,
  IconChecks,
  IconCode,
  IconFileCheck,
  IconGauge,
  IconGavel,
  IconId,
  IconReportMoney,
  IconRulerMeasure,
  IconScale,
  IconTemplate,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'

/** `needs` is a permission of the API; nothing means that every member of staff may look. */
export const CONSOLE_GROUPS = [
  { name: null, places: [{ to: '/console', name: 'overview', icon: IconGauge, needs: null, onPhone: true }] },
  {
    name: 'work',
    places: [
      { to: '/console/reviews', name: 'reviews', icon: IconId, needs: 'identity_reviews.read', onPhone: true },
      { to: '/console/cases', name: 'cases', icon: IconGavel, needs: 'cases.read', onPhone: true },
      { to: '/console/disputes', name: 'disputes', icon: IconScale, needs: 'disputes.read', onPhone: false },
      { to: '/console/approvals', name: 'approvals', icon: IconChecks, needs: 'approvals.read', onPhone: false },
    ],
  },
  {
    name: 'program',
    places: [
      { to: '/console/customers', name: 'customers', icon: IconUsers, needs: 'users.read', onPhone: true },
      { to: '/console/payments', name: 'payments', icon: IconArrowsExchange, needs: 'payments.read', onPhone: true },
      { to: '/console/rules', name: 'rules', icon: IconRulerMeasure, needs: 'rules.read', onPhone: true },
    ],
  },
  {
    name: 'money',
    places: [
      { to: '/console/ledger', name: 'ledger', icon: IconBook2, needs: 'ledger.read', onPhone: true },
      {
        to: '/console/reconciliation',
        name: 'reconciliation',
        icon: IconReportMoney,
        needs: 'reconciliation.read',
        onPhone: false,
      },
    ],
  },
  {
    name: 'settings',
    places: [
      { to: '/console/templates', name: 'templates', icon: IconTemplate, needs: 'card_templates.read', onPhone: false },
      { to: '/console/team', name: 'team', icon: IconUsersGroup, needs: 'users.read', onPhone: false },
      { to: '/console/developers', name: 'developers', icon: IconCode, needs: 'webhooks.read', onPhone: false },
      { to: '/console/audit', name: 'audit', icon: IconFileCheck, needs: 'audit.read', onPhone: false },
      { to: '/console/health', name: 'health', icon: IconActivityHeartbeat, needs: null, onPhone: false },
    ],
  },
] as const
