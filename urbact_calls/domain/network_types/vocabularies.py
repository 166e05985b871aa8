"""The lists that the forms of all types choose from."""

from operator import itemgetter

from urbact_calls.domain import languages
from urbact_calls.domain.network_types.fields import Choice
from urbact_calls.domain.vocabulary import Expertise

POLICY_OBJECTIVES = (
    Choice("PO1", "A more competitive and smarter Europe"),
    Choice("PO2", "A greener, low-carbon Europe"),
    Choice("PO3", "A more connected Europe"),
    Choice("PO4", "A more social and inclusive Europe"),
    Choice("PO5", "A Europe closer to citizens"),
)

THEMES = (
    Choice("climate", "Climate action and adaptation"),
    Choice("energy", "Energy transition"),
    Choice("mobility", "Mobility"),
    Choice("nature", "Biodiversity and green space"),
    Choice("circular", "Circular economy and waste"),
    Choice("food", "Food"),
    Choice("housing", "Housing"),
    Choice("inclusion", "Social inclusion and poverty"),
    Choice("gender", "Gender equality"),
    Choice("youth", "Youth and education"),
    Choice("health", "Health and ageing"),
    Choice("jobs", "Jobs and local economy"),
    Choice("digital", "Digital transition"),
    Choice("culture", "Culture and heritage"),
    Choice("tourism", "Tourism"),
    Choice("public_space", "Public space and regeneration"),
    Choice("participation", "Participation and governance"),
    Choice("safety", "Urban safety"),
    Choice("procurement", "Public procurement"),
)

# Regulation (EU) 2021/1058, Article 3(1): the objectives of the European Regional Development Fund, shortened.
SPECIFIC_OBJECTIVES = (
    Choice("RSO1.1", "1.1 Research, innovation and advanced technologies"),
    Choice("RSO1.2", "1.2 Benefits of digitisation"),
    Choice("RSO1.3", "1.3 Growth, competitiveness and jobs in small enterprises"),
    Choice("RSO1.4", "1.4 Skills for smart specialisation, industrial transition and entrepreneurship"),
    Choice("RSO1.5", "1.5 Digital connectivity"),
    Choice("RSO2.1", "2.1 Energy efficiency"),
    Choice("RSO2.2", "2.2 Renewable energy"),
    Choice("RSO2.3", "2.3 Smart energy systems, grids and storage"),
    Choice("RSO2.4", "2.4 Adaptation to climate change and prevention of disasters"),
    Choice("RSO2.5", "2.5 Access to water and its management"),
    Choice("RSO2.6", "2.6 Circular economy"),
    Choice("RSO2.7", "2.7 Nature, biodiversity, green infrastructure and less pollution"),
    Choice("RSO2.8", "2.8 Sustainable urban mobility"),
    Choice("RSO3.1", "3.1 Trans-European transport network"),
    Choice("RSO3.2", "3.2 National, regional and local mobility"),
    Choice("RSO4.1", "4.1 Labour markets and the social economy"),
    Choice("RSO4.2", "4.2 Education, training and lifelong learning"),
    Choice("RSO4.3", "4.3 Inclusion of marginalised communities and households"),
    Choice("RSO4.4", "4.4 Integration of people from third countries"),
    Choice("RSO4.5", "4.5 Access to health care"),
    Choice("RSO4.6", "4.6 Culture and sustainable tourism"),
    Choice("RSO5.1", "5.1 Integrated development of urban areas"),
    Choice("RSO5.2", "5.2 Integrated development of other areas"),
)

SKILLS = tuple(Choice(each.value, each.label) for each in Expertise)

# Of all countries that take part in the programme, in the order of their names.
LANGUAGES = tuple(Choice(code, name) for code, name in sorted(languages.LANGUAGES.items(), key=itemgetter(1)))

LEGAL_STATUSES = (
    Choice("public_authority", "Local, regional or national public authority"),
    Choice("public_law", "Body governed by public law"),
    Choice("public_equivalent", "Public-equivalent body, owned or controlled by public authorities"),
    Choice("other", "Other"),
)

TEAM_ROLES = (
    Choice("coordinator", "Coordinator"),
    Choice("finance", "Finance officer"),
    Choice("communication", "Communication officer"),
    Choice("other", "Other"),
)
