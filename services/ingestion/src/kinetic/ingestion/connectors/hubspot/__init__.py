"""HubSpot: deals that are lost, tickets that come back or are late, customers who are dissatisfied.

Signature: `X-HubSpot-Signature-v3`, a base64 HMAC-SHA256 of the method, the address, the raw body and the header
`X-HubSpot-Request-Timestamp`. Without it, `X-HubSpot-Signature` of version 2 (workflows) or 1. The secret is the app's *Client
secret*: the app, *Auth*. The subscriptions are chosen there under *Webhooks*. See `signature.py`.

| change of a property | signal | severity |
|---|---|---|
| deal `dealstage` to a stage named as lost, `hs_is_closed_lost` to true | `sales.lost` | 0.5 |
| ticket `hs_ticket_reopened_at` to any time | `customer.dissatisfied` | 0.5 |
| ticket `hs_time_to_close_sla_status`, `…_first_response_…`, `…_next_response_…` to overdue | `service.breached` | 0.5 |
| ticket `hs_ticket_category` to Product issue | `quality.defect` | 0.5 |
| feedback submission `hs_response_group` to detractor, `hs_sentiment` to negative | `customer.dissatisfied` | 0.75 |
| contact `hs_feedback_last_nps_rating` to detractor | `customer.dissatisfied` | 0.75 |

A webhook is a batch of changes and says neither pipeline nor owner: facts are the account and the object. Stages of pipelines
that a company made have numbers for names, so that `hs_is_closed_lost` is the better property to subscribe to; whoever takes
both is told once, as far as they come in one batch. A workflow's *Send a webhook* gives pipeline and owner and is read too.
"""

from __future__ import annotations

from kinetic.ingestion.connectors.hubspot.changes import read
from kinetic.ingestion.connectors.hubspot.signature import HubSpotSignature
from kinetic.ingestion.connectors.protocol import Connector

CONNECTOR = Connector("hubspot", HubSpotSignature(), read)
